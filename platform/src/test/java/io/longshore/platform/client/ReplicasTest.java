package io.longshore.platform.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplicasTest {
    private static final List<Address> TWO = List.of(Address.parse("unix:/run/a"), Address.parse("unix:/run/b"));
    private static final long SECOND = 1_000_000_000L;

    private final Set<Address> away = new HashSet<>();
    private final List<Address> asked = new ArrayList<>();
    private long now = Long.MAX_VALUE - SECOND; // nanoTime may pass it
    private final Replicas replicas = new Replicas(TWO, () -> now);

    private Address ask() throws IOException {
        asked.clear();
        return replicas.call((address, connect) -> {
            asked.add(address);
            if (away.contains(address)) {
                throw NotReached.because(new SocketException("refused"));
            }
            return address;
        });
    }

    private Address other(Address one) {
        return TWO.get(1 - TWO.indexOf(one));
    }

    @Test
    void oneIsPreferredAsLongAsItIsReached() throws IOException {
        Address preferred = ask();
        for (int call = 0; call < 10; call++) {
            assertThat(ask()).isEqualTo(preferred);
        }
    }

    @Test
    void whoWasNotReachedIsLeftAloneThenOneCallTriesIt() throws IOException {
        Address preferred = ask();
        away.add(preferred);
        assertThat(ask()).isEqualTo(other(preferred));
        assertThat(asked).containsExactly(preferred, other(preferred));
        now += Replicas.REST_SECONDS * SECOND - 1;
        assertThat(ask()).isEqualTo(other(preferred));
        assertThat(asked).containsExactly(other(preferred));
        now += 1;
        ask();
        assertThat(asked).containsExactly(preferred, other(preferred));
        ask();
        assertThat(asked).containsExactly(other(preferred));
        away.clear();
        now += Replicas.REST_SECONDS * SECOND;
        assertThat(ask()).isEqualTo(preferred);
        assertThat(ask()).isEqualTo(preferred);
    }

    @Test
    void whoRestsIsAskedWhereNoOtherIsLeft() throws IOException {
        away.addAll(TWO);
        assertThatThrownBy(this::ask)
                .isInstanceOf(NotReached.class)
                .hasMessageContaining("unix:/run/a: refused")
                .hasMessageContaining("unix:/run/b: refused");
        assertThat(asked).hasSize(2);
        away.remove(TWO.getLast());
        assertThat(ask()).isEqualTo(TWO.getLast());
    }

    @Test
    void whoDoesNotAnswerInTimeIsLeftAloneByTheNext() throws IOException {
        Address preferred = ask();
        assertThatThrownBy(() -> replicas.call((address, connect) -> {
                    throw new SocketTimeoutException("no answer");
                }))
                .hasMessage("no answer");
        assertThat(ask()).isEqualTo(other(preferred));
    }

    @Test
    void whatMayHaveBegunIsNotSentToAnother() throws IOException {
        Address preferred = ask();
        List<Address> sent = new ArrayList<>();
        assertThatThrownBy(() -> replicas.call((address, connect) -> {
                    sent.add(address);
                    throw new Unanswered(new SocketException("reset"), false);
                }))
                .hasMessage("reset");
        assertThat(sent).containsExactly(preferred);
        // The next one goes elsewhere.
        assertThat(ask()).isEqualTo(other(preferred));
        sent.clear();
        assertThatThrownBy(() -> replicas.call((address, connect) -> {
                    sent.add(address);
                    throw new IOException("in the middle of an answer");
                }))
                .hasMessage("in the middle of an answer");
        assertThat(sent).hasSize(1);
    }

    @Test
    void anIdempotentOneThatWasNotAnsweredIsAskedOfAnother() throws IOException {
        Address preferred = ask();
        Address answered = replicas.call((address, connect) -> {
            if (address.equals(preferred)) {
                throw new Unanswered(new SocketException("reset"), true);
            }
            return address;
        });
        assertThat(answered).isEqualTo(other(preferred));
    }

    @Test
    void aRefusalIsAnAnswer() throws IOException {
        Address preferred = ask();
        assertThatThrownBy(() -> replicas.call((address, connect) -> {
                    throw new Failure.Conflict("no");
                }))
                .isInstanceOf(Failure.Conflict.class);
        assertThat(ask()).isEqualTo(preferred);
    }

    @Test
    void addressesAreReadWithCommas() {
        assertThat(Replicas.parse("unix:/run/a , https://h:1").addresses())
                .containsExactly(new Address.Unix(java.nio.file.Path.of("/run/a")), new Address.Tls("h", 1, null));
        assertThat(Replicas.parse("unix:/run/a,unix:/run/b")).hasToString("unix:/run/a and unix:/run/b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",", "unix:/run/a,", "unix:/run/a,unix:/run/a", "unix:/run/a;unix:/run/b,x"})
    void whatIsNoListOfAddressesIsRefused(String text) {
        assertThatThrownBy(() -> Replicas.parse(text)).isInstanceOf(Failure.Invalid.class);
    }

    @Test
    void thereAreNotAnyNumber() {
        List<Address> many = new ArrayList<>();
        for (int i = 0; i <= 16; i++) {
            many.add(new Address.Tcp("localhost", i + 1));
        }
        assertThatThrownBy(() -> Replicas.of(many))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("want 1 to 16 that differ");
    }
}
