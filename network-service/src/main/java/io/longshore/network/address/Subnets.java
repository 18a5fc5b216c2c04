package io.longshore.network.address;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** The subnets that a network may get that asks for none. Thread-safe. */
@Component
public class Subnets {
    private static final int GLOBAL_ID_BITS = 40;
    private static final int ULA_SHIFT = 128 - 8;
    private static final int SUBNET_PREFIX = 64;

    private final List<NetworkProperties.Pool> pools;
    private final SecureRandom random = new SecureRandom();

    Subnets(NetworkProperties properties) {
        pools = properties.parsed();
    }

    /** Those of IPv4 in their order, to be taken until one is free. */
    public Stream<Cidr> v4() {
        return pools.stream()
                .filter(pool -> !pool.block().isV6())
                .flatMap(pool -> Stream.iterate(
                        new Cidr(pool.block().base(), pool.size(), pool.block().bits()),
                        part -> pool.block().contains(part),
                        Cidr::next));
    }

    /** One of IPv6: a unique local one (RFC 4193), whose 40 random bits nobody else has. */
    public Cidr v6() {
        BigInteger prefix = BigInteger.valueOf(0xfd).shiftLeft(ULA_SHIFT);
        BigInteger global = new BigInteger(GLOBAL_ID_BITS, random).shiftLeft(ULA_SHIFT - GLOBAL_ID_BITS);
        return Cidr.of(prefix.or(global), SUBNET_PREFIX, 128);
    }
}
