package io.longshore.platform.run;

import io.longshore.platform.client.Address;
import io.longshore.platform.client.ColocatedParts;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.web.servlet.DispatcherServlet;

/** Starts parts. Several may start in one JVM, also at the same time; each has a context, a socket and threads of its own. */
public final class ServiceRunner {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceRunner.class);

    private ServiceRunner() {}

    /**
     * Starts one part on its internal socket, or where the part's {@link ListenerChoice} says.
     *
     * @param application a class annotated with {@link LongshoreService}
     * @return when it answers requests
     * @throws StartFailure when it cannot start; nothing is left behind
     */
    public static RunningService start(Class<?> application, Settings settings) {
        return start(application, settings, new ColocatedParts());
    }

    /** As above, among other parts of this JVM: they call each other's controllers without HTTP. */
    public static RunningService start(Class<?> application, Settings settings, ColocatedParts colocated) {
        LongshoreService service = application.getAnnotation(LongshoreService.class);
        if (service == null) {
            throw new IllegalArgumentException(application + " is not annotated with LongshoreService");
        }
        long began = System.nanoTime();
        Part part = service.value();
        try {
            ConfigurableEnvironment environment = settings.environment();
            Listener listener = listener(application, part, environment);
            Sockets.prepare(listener.socket(), listener.directoryPermissions());
            Path directory = listener.socket().toAbsolutePath().getParent();
            if (directory != null) {
                UnixTomcat.handOver(directory, listener.group());
            }
            ConfigurableApplicationContext context =
                    run(application, new Own(part, settings, listener, colocated), environment);
            RunningService running = moveIn(part, listener, context, colocated);
            LOG.info(
                    "{} listens on {} after {} ms",
                    part.id(),
                    listener.socket(),
                    (System.nanoTime() - began) / 1_000_000);
            return running;
        } catch (RuntimeException e) {
            throw explain(part.id(), e);
        }
    }

    private static RunningService moveIn(
            Part part, Listener listener, ConfigurableApplicationContext context, ColocatedParts colocated) {
        try {
            UnixTomcat.handOver(listener.socket(), listener.group());
            Address address = new Address.Unix(listener.socket());
            colocated.moveIn(
                    address,
                    context.getBean(DispatcherServlet.class),
                    contract -> context.getBeanProvider(contract).getIfUnique());
            return new RunningService(part, listener.socket(), context, () -> colocated.moveOut(address));
        } catch (RuntimeException e) {
            context.close();
            throw e;
        }
    }

    /** The {@code main} of a part that runs alone: starts it and stays until the process is told to end. */
    public static void main(Class<?> application, String[] arguments) {
        try {
            RunningService service = start(application, Settings.load(List.of(arguments), System.getenv()));
            CountDownLatch stopped = new CountDownLatch(1);
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
                service.close();
                stopped.countDown();
            }));
            stopped.await();
        } catch (StartFailure e) {
            System.err.println("longshore: " + e.getMessage());
            System.exit(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Listener listener(Class<?> application, Part part, ConfigurableEnvironment environment) {
        Binder binder = Binder.get(environment);
        RunProperties run = binder.bindOrCreate("run", Bindable.of(RunProperties.class));
        if (ListenerChoice.class.isAssignableFrom(application)) {
            return ((ListenerChoice) org.springframework.beans.BeanUtils.instantiateClass(application))
                    .listener(binder, run);
        }
        return Listener.internal(binder.bindOrCreate("services", Bindable.of(ServiceAddresses.class))
                .socket(part, run));
    }

    /** What a part knows before its context is there. */
    private record Own(Part part, Settings settings, Listener listener, ColocatedParts colocated) {}

    private static ConfigurableApplicationContext run(
            Class<?> application, Own own, ConfigurableEnvironment environment) {
        SpringApplication spring = new SpringApplication(application);
        spring.setWebApplicationType(WebApplicationType.SERVLET);
        spring.setEnvironment(environment);
        spring.setBannerMode(Banner.Mode.OFF);
        spring.setLogStartupInfo(false);
        spring.setRegisterShutdownHook(false);
        spring.setAddCommandLineProperties(false);
        // The listeners and initializers that Boot finds read files and set up logging: both are done once for all
        // parts here.
        spring.setListeners(List.of());
        spring.setInitializers(List.of(context -> {
            context.setId(own.part.id());
            context.getBeanFactory().registerSingleton("part", own.part);
            context.getBeanFactory().registerSingleton("settings", own.settings);
            context.getBeanFactory().registerSingleton("listener", own.listener);
            context.getBeanFactory().registerSingleton("colocatedParts", own.colocated);
        }));
        return spring.run();
    }

    static StartFailure explain(String part, RuntimeException problem) {
        @Nullable Throwable at = problem;
        while (at != null) {
            if (at instanceof StartFailure failure) {
                return failure;
            }
            if (at instanceof UnboundConfigurationPropertiesException unknown) {
                return new StartFailure(
                        unknown.getUnboundProperties().stream()
                                .map(key -> "configuration: unknown key \"" + key.getName() + "\""
                                        + origin(key.getOrigin()))
                                .sorted()
                                .reduce((a, b) -> a + "; " + b)
                                .orElse("configuration: unknown keys"),
                        unknown);
            }
            if (at instanceof BindException bad && !(at.getCause() instanceof BindException)) {
                StartFailure inner = bad.getCause() == null ? null : innermost(part, bad);
                return inner == null ? new StartFailure("configuration: " + bad.getMessage(), bad) : inner;
            }
            at = at.getCause();
        }
        LOG.error("{} cannot start", part, problem); // nothing foreseen, so whoever mends it needs all of it
        return new StartFailure(part + " cannot start: " + root(problem), problem);
    }

    private static StartFailure innermost(String part, BindException bad) {
        Throwable cause = root(bad);
        if (cause instanceof UnboundConfigurationPropertiesException || cause instanceof StartFailure) {
            return explain(part, (RuntimeException) cause);
        }
        var property = bad.getProperty();
        String where = property == null
                ? bad.getName().toString()
                : property.getName() + " = \"" + property.getValue() + "\"" + origin(property.getOrigin());
        return new StartFailure("configuration: " + where + ": " + cause.getMessage(), bad);
    }

    private static String origin(@Nullable Object origin) {
        return origin == null ? "" : " (" + origin + ")";
    }

    private static Throwable root(Throwable problem) {
        Throwable at = problem;
        for (Throwable next = at.getCause(); next != null; next = next.getCause()) {
            at = next;
        }
        return at;
    }
}
