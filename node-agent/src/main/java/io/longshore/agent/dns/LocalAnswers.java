package io.longshore.agent.dns;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/** What the networks of a sandbox know themselves. Thread-safe. */
final class LocalAnswers {
    /** Seconds, as Docker Engine has it. */
    private static final long TTL = 600;

    private static final Name IN_ADDR_ARPA = Name.fromConstantString("in-addr.arpa.");
    private static final Name IP6_ARPA = Name.fromConstantString("ip6.arpa.");

    /** Four numbers or 32 digits, then the domain's two labels and the root. */
    private static final int REVERSE_V4_LABELS = 4 + 3;

    private static final int REVERSE_V6_LABELS = 32 + 3;

    private final NetworkNames names;

    LocalAnswers(NetworkNames names) {
        this.names = names;
    }

    /**
     * The records that answer a question. No records say that the name exists, but has none of that type (RFC 2308, NODATA); then nobody
     * else is to be asked either.
     *
     * @return null if no network of the sandbox knows the name
     */
    @Nullable
    List<Record> find(DnsView view, Record question) {
        if (question.getDClass() != DClass.IN) {
            return null;
        }
        return question.getType() == Type.PTR ? reverse(view, question.getName()) : forward(view, question);
    }

    private @Nullable List<Record> forward(DnsView view, Record question) {
        List<InetAddress> addresses = addresses(view, question.getName().toString(true));
        if (addresses == null) {
            return null;
        }
        Name name = question.getName();
        int type = question.getType();
        List<Record> records = new ArrayList<>(addresses.size());
        for (InetAddress address : addresses) {
            if (address instanceof Inet4Address && (type == Type.A || type == Type.ANY)) {
                records.add(new ARecord(name, DClass.IN, TTL, address));
            } else if (!(address instanceof Inet4Address) && (type == Type.AAAA || type == Type.ANY)) {
                records.add(new AAAARecord(name, DClass.IN, TTL, address));
            }
        }
        if (records.size() > 1) {
            // Clients take the first: each comes first as often.
            Collections.shuffle(records, ThreadLocalRandom.current());
        }
        return records;
    }

    /** For a.b.c: that name on any network, then a.b on network c, then a on network b.c, since names of both may have dots. */
    private @Nullable List<InetAddress> addresses(DnsView view, String name) {
        List<InetAddress> found = addresses(view, name, network -> true);
        for (int dot = name.lastIndexOf('.'); found == null && dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
            String qualifier = name.substring(dot + 1);
            found = addresses(
                    view, name.substring(0, dot), network -> network.name().equalsIgnoreCase(qualifier));
        }
        return found;
    }

    /** Links come before names, and hide names of the network that they are for. */
    private @Nullable List<InetAddress> addresses(DnsView view, String name, Predicate<DnsView.Network> wanted) {
        String key = NetworkNames.key(name);
        List<InetAddress> found = null;
        for (DnsView.Network network : view.networks()) {
            String target = network.links().get(key);
            if (found == null && target != null && wanted.test(network)) {
                found = names.addresses(network.id(), target);
            }
        }
        for (DnsView.Network network : view.networks()) {
            if (found == null && !network.links().containsKey(key) && wanted.test(network)) {
                found = names.addresses(network.id(), key);
            }
        }
        return found;
    }

    private @Nullable List<Record> reverse(DnsView view, Name question) {
        boolean whole = (question.subdomain(IN_ADDR_ARPA) && question.labels() == REVERSE_V4_LABELS)
                || (question.subdomain(IP6_ARPA) && question.labels() == REVERSE_V6_LABELS);
        if (!whole) {
            return null;
        }
        try {
            InetAddress address = ReverseMap.fromName(question);
            for (DnsView.Network network : view.networks()) {
                String name = names.name(network.id(), address);
                if (name != null) {
                    return pointer(question, name + "." + network.name() + ".");
                }
            }
            return null;
        } catch (UnknownHostException | IllegalArgumentException e) {
            // Not the digits of an address.
            return null;
        }
    }

    private static List<Record> pointer(Name question, String target) {
        try {
            return List.of(new PTRRecord(question, DClass.IN, TTL, Name.fromString(target)));
        } catch (TextParseException e) {
            // A container's name may be longer than a label of a name can be, and then has no form in DNS.
            return List.of();
        }
    }
}
