/* What a list does with an OCI runtime's binary: run it, take its terminal, and hand over the process that it made. */
#ifndef LONGSHORE_RUNTIME_H
#define LONGSHORE_RUNTIME_H

/* Executes a program and waits for its end; it is killed when this process ends. 0, or -1: ECHILD if it did not end with 0. */
long run_to_end(const char *path, char *const arguments[], char *const environment[]);

/* Passes the terminal that a program has sent to a listening socket (runtime-spec, console-socket) on to the supervisor. */
long pass_terminal(int listener, int gate);

/* Hands the process whose number is in a file to the supervisor, which takes it if it has become its child. */
long hand_over(const char *pid_file, int gate);

#endif
