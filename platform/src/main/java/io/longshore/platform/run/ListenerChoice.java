package io.longshore.platform.run;

import org.springframework.boot.context.properties.bind.Binder;

/** Implemented by an application class that does not listen on its part's internal socket. */
public interface ListenerChoice {
    /** Where to listen, from the configuration. Asked before the context exists, on an instance of its own. */
    Listener listener(Binder settings, RunProperties run);
}
