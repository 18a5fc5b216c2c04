package io.longshore.gateway;

import io.longshore.platform.run.Listener;
import io.longshore.platform.run.ListenerChoice;
import io.longshore.platform.run.LongshoreService;
import io.longshore.platform.run.Part;
import io.longshore.platform.run.RunProperties;
import io.longshore.platform.run.ServiceRunner;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;

/** The front door, on the socket that clients open. */
@LongshoreService(Part.GATEWAY)
public class GatewayApplication implements ListenerChoice {
    @Override
    public Listener listener(Binder settings, RunProperties run) {
        GatewayProperties properties = settings.bindOrCreate("gateway", Bindable.of(GatewayProperties.class));
        return Listener.forGroup(properties.socketOrDefault(run), properties.groupOrDefault());
    }

    /** Starts the gateway alone. */
    public static void main(String[] arguments) {
        ServiceRunner.main(GatewayApplication.class, arguments);
    }
}
