package io.longshore.versions;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentApi;
import io.longshore.contracts.agent.AgentFilesApi;
import io.longshore.contracts.agent.AgentOverlayApi;
import io.longshore.contracts.agent.AgentPaths;
import io.longshore.contracts.agent.LoadedImage;
import io.longshore.contracts.agent.PullRequest;
import io.longshore.contracts.agent.PushRequest;
import io.longshore.contracts.agent.SaveRequest;
import io.longshore.contracts.agent.Tick;
import io.longshore.contracts.agent.Transfer;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.fleet.JoinApi;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.ExecId;
import io.longshore.contracts.identity.CertificateApi;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.service.annotation.DeleteExchange;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.PostExchange;
import org.springframework.web.service.annotation.PutExchange;

/** What nodes and services say to each other, as lines: each call, and what is in its JSON, by path. */
final class AgentContract {
    private final SortedSet<String> lines = new TreeSet<>();
    private final Map<String, Type> documents = new LinkedHashMap<>();

    private AgentContract() {}

    /**
     * That of the classes that are loaded.
     *
     * @param more interfaces beside those that there always were
     */
    static AgentContract read(Class<?>... more) {
        AgentContract contract = new AgentContract();
        Stream.of(AgentApi.class, AgentFilesApi.class, AgentOverlayApi.class, JoinApi.class, CertificateApi.class)
                .forEach(contract::calls);
        Stream.of(more).forEach(contract::calls);
        Arrays.stream(FleetApi.class.getMethods())
                .filter(method -> method.getName().equals("heartbeat"))
                .forEach(contract::call);
        Stream.of(
                        LoadedImage.class,
                        LoadedImage.LoadedLayer.class,
                        PullRequest.class,
                        PushRequest.class,
                        SaveRequest.class,
                        Tick.class,
                        Transfer.class)
                .forEach(type -> contract.document("stream " + type.getSimpleName(), type));
        contract.paths();
        return contract;
    }

    /** As {@code CALL PATH TYPE}, in order. */
    SortedSet<String> lines() {
        return lines;
    }

    /** The types of what is sent and answered, by the beginning of their lines. */
    Map<String, Type> documents() {
        return documents;
    }

    private void calls(Class<?> contract) {
        Arrays.stream(contract.getMethods()).forEach(this::call);
    }

    private void call(Method method) {
        String call = call(method.getAnnotations());
        lines.add(call);
        for (Parameter parameter : method.getParameters()) {
            if (parameter.isAnnotationPresent(RequestBody.class)) {
                document(call + " takes", parameter.getParameterizedType());
            } else if (parameter.isAnnotationPresent(RequestParam.class)) {
                lines.add(call + " asked with " + parameter.getName());
            } else if (parameter.getType() != Caller.class) {
                lines.add(call + " of " + parameter.getName());
            }
        }
        if (method.getReturnType() != void.class) {
            document(call + " answers", method.getGenericReturnType());
        }
    }

    private static String call(Annotation[] annotations) {
        for (Annotation annotation : annotations) {
            switch (annotation) {
                case GetExchange get -> {
                    return "GET " + get.value();
                }
                case PutExchange put -> {
                    return "PUT " + put.value();
                }
                case PostExchange post -> {
                    return "POST " + post.value();
                }
                case DeleteExchange delete -> {
                    return "DELETE " + delete.value();
                }
                default -> {
                    continue;
                }
            }
        }
        throw new AssertionError("no request: " + Arrays.toString(annotations));
    }

    private void paths() {
        try {
            for (var field : AgentPaths.class.getFields()) {
                if (field.getType() == String.class) {
                    lines.add("stream " + field.get(null));
                }
            }
            for (Method method : AgentPaths.class.getMethods()) {
                if (Modifier.isStatic(method.getModifiers())) {
                    Object id = method.getParameterTypes()[0] == ContainerId.class
                            ? ContainerId.parse("0".repeat(64))
                            : ExecId.parse("0".repeat(64));
                    lines.add("stream " + method.invoke(null, id).toString().replaceFirst("0{64}", "{id}"));
                }
            }
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    private void document(String beginning, Type type) {
        documents.put(beginning, type);
        walk(beginning + " ", type);
    }

    private void walk(String path, Type type) {
        switch (shape(type)) {
            case LIST -> walk(path + "[]", element(type));
            case MAP -> walk(path + "{}", element(type));
            case RECORD -> properties(type).forEach((name, of) -> walk(path + "." + name, of));
            case VALUE -> lines.add(path + " " + value((Class<?>) type));
        }
    }

    /** What a type is in JSON. */
    enum Shape {
        LIST,
        MAP,
        RECORD,
        VALUE
    }

    static Shape shape(Type type) {
        if (type instanceof ParameterizedType parameterized) {
            return parameterized.getRawType() == Map.class ? Shape.MAP : Shape.LIST;
        }
        Class<?> plain = (Class<?>) type;
        boolean record = plain.isRecord()
                && Arrays.stream(plain.getRecordComponents())
                        .noneMatch(component -> component.getAccessor().isAnnotationPresent(JsonValue.class));
        return record ? Shape.RECORD : Shape.VALUE;
    }

    /** Of a list or a map. */
    static Type element(Type type) {
        Type[] arguments = ((ParameterizedType) type).getActualTypeArguments();
        return arguments[arguments.length - 1];
    }

    /** Of a record, by their names in JSON. */
    static Map<String, Type> properties(Type type) {
        Map<String, Type> properties = new LinkedHashMap<>();
        for (RecordComponent component : ((Class<?>) type).getRecordComponents()) {
            JsonProperty given = component.getAccessor().getAnnotation(JsonProperty.class);
            properties.put(
                    given == null || given.value().isEmpty() ? component.getName() : given.value(),
                    component.getGenericType());
        }
        return properties;
    }

    /** An enum's with what it may be. */
    private static String value(Class<?> type) {
        return type.isEnum()
                ? String.join(
                        "|",
                        Arrays.stream(type.getEnumConstants())
                                .map(Object::toString)
                                .toList())
                : type.getSimpleName();
    }

    /** Prints it, for the file that the next version is compared with. */
    static void main(String... arguments) {
        for (String line : read(List.of(arguments).stream()
                        .map(AgentContract::named)
                        .toArray(Class<?>[]::new))
                .lines()) {
            System.out.println(line);
        }
    }

    private static Class<?> named(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
