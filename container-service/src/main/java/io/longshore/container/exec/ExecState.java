package io.longshore.container.exec;

/** Where a session is in its life. */
enum ExecState {
    CREATED,
    RUNNING,
    EXITED
}
