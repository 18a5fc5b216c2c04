package io.longshore.testworld.agent;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentForwardApi;
import io.longshore.contracts.agent.Forward;
import io.longshore.contracts.agent.ForwardRelease;
import io.longshore.contracts.agent.ForwardRequest;
import io.longshore.contracts.agent.ForwardSet;
import io.longshore.contracts.agent.ForwardState;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.agent.Port;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.web.bind.annotation.RestController;

/** The ports that an agent holds for containers on other nodes, in memory. Random ones are 50000 and on. */
@RestController
public class TestForwards implements AgentForwardApi {
    private final Map<ContainerId, Forward> held = new HashMap<>();
    private final Map<ContainerId, List<Integer>> numbers = new HashMap<>();
    private final Set<ContainerId> confirmed = new HashSet<>();
    private long revision;
    private boolean away;
    private boolean leaving;
    private int next = 50_000;

    /** What is held for a container: the numbers of its ports, in their order. */
    public synchronized List<Integer> numbers(String id) {
        return numbers.getOrDefault(ContainerId.parse(id), List.of());
    }

    /** For which start, from where to where. */
    public synchronized Forward held(String id) {
        Forward forward = held.get(ContainerId.parse(id));
        if (forward == null) {
            throw new AssertionError("nothing is held for " + id);
        }
        return forward;
    }

    /** As an agent whose disk was lost. */
    public synchronized void forget() {
        List.copyOf(held.keySet()).forEach(this::drop);
        revision = 0;
    }

    /** Whether it answers. */
    public synchronized void away(boolean now) {
        away = now;
    }

    /** Does not answer any more once ports have been taken. */
    public synchronized void leaveAfterTake() {
        leaving = true;
    }

    private void answer() {
        if (away) {
            throw new Failure.Unavailable("the agent is away");
        }
    }

    @Override
    public synchronized List<PublishedPort> take(Caller caller, ContainerId container, ForwardRequest request) {
        answer();
        Forward forward = request.forward();
        drop(container);
        List<Integer> taken = new ArrayList<>();
        List<PublishedPort> ports = new ArrayList<>();
        for (Port port : forward.ports()) {
            int number = port.firstHostPort() == 0 ? next++ : port.firstHostPort();
            if (numbers.values().stream().anyMatch(all -> all.contains(number))) {
                throw new Failure.Conflict("driver failed programming external connectivity on endpoint "
                        + forward.name() + " (" + forward.endpoint() + "): Bind for 0.0.0.0:" + number
                        + " failed: port is already allocated");
            }
            taken.add(number);
            String address = port.hostAddress().isEmpty() ? "0.0.0.0" : port.hostAddress();
            ports.add(new PublishedPort(port.port(), port.protocol(), address, number));
        }
        numbers.put(container, taken);
        held.put(container, forward);
        away = leaving;
        leaving = false;
        return ports;
    }

    @Override
    public synchronized void release(Caller caller, ContainerId container, ForwardRelease request) {
        answer();
        drop(container);
    }

    @Override
    public synchronized ForwardState tell(Caller caller, ForwardSet all) {
        answer();
        if (all.forwards() != null) {
            become(all.forwards());
            revision = all.revision();
        }
        List<ForwardState.Start> starting = held.values().stream()
                .filter(each -> !confirmed.contains(each.container()))
                .map(each -> new ForwardState.Start(each.container(), each.start()))
                .toList();
        return new ForwardState(revision, starting);
    }

    private void become(List<Forward> all) {
        Map<ContainerId, Forward> wanted = new HashMap<>();
        all.forEach(forward -> wanted.put(forward.container(), forward));
        confirmed.stream().filter(id -> !wanted.containsKey(id)).toList().forEach(this::drop);
        wanted.values().stream()
                .filter(forward -> !held.containsKey(forward.container())
                        || !forward.ports().isEmpty())
                .forEach(forward -> {
                    held.put(forward.container(), forward);
                    numbers.put(
                            forward.container(),
                            forward.ports().stream().map(Port::firstHostPort).toList());
                });
        confirmed.addAll(wanted.keySet());
    }

    private void drop(ContainerId id) {
        held.remove(id);
        numbers.remove(id);
        confirmed.remove(id);
    }
}
