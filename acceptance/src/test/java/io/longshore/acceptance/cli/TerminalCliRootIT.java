package io.longshore.acceptance.cli;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Interactive work in a real pseudo-terminal: sizes, detach keys, Ctrl-C, attach again. */
class TerminalCliRootIT extends CliCases {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final byte[] DETACH = {16, 17};

    @Test
    void runsAShellInATerminal() {
        try (Started shell = docker.inTerminal("run --rm -it --network none busybox sh")) {
            shell.awaitOutput("# ").send(Docker.bytes("tty; echo $TERM; echo a$((1+1))c\n"));
            shell.awaitOutput("a2c").send(Docker.bytes("exit 5\n"));
            shell.await(PATIENCE).exits(5).printsPart("/dev/pts/0", "xterm");
        }
    }

    @Test
    void hasTheSizeOfTheClientsTerminalFromTheBeginning() {
        try (Started sized = docker.inTerminal("run --rm -it --network none busybox sh -c 'sleep 0.5; stty size'")) {
            sized.await(PATIENCE).ok().printsPart("30 90");
        }
    }

    @Test
    void followsTheClientsTerminal() {
        try (Started shell = docker.inTerminal("run -it --name shell --network none busybox sh")) {
            shell.awaitOutput("# ");
            sleep();
            shell.send(Terminal.resize(41, 77));
            shell.send(Docker.bytes("until stty size | grep '41 77'; do sleep 0.05; done; echo s''een\n"));
            shell.awaitOutput("seen").send(Docker.bytes("exit\n"));
            shell.await(PATIENCE).ok();
        }
        events("shell", "--filter event=resize --format '{{.Actor.Attributes.height}} {{.Actor.Attributes.width}}'")
                .printsMatch("^(30 90\n)+(41 77\n)+$");
    }

    @Test
    void controlCEndsWhatRunsInTheTerminal() {
        try (Started loop = docker.inTerminal("run --rm -it --network none busybox sh -c"
                + " 'trap \"echo caught; exit 4\" INT; echo up; while :; do sleep 0.1; done'")) {
            loop.awaitOutput("up").send(new byte[] {3});
            loop.await(PATIENCE).exits(4).printsPart("caught");
        }
    }

    @Test
    void detachesByTheKeysAndAttachesAgain() {
        try (Started shell = docker.inTerminal("run -it --name shell --network none busybox sh")) {
            shell.awaitOutput("# ").send(Docker.bytes("first=kept; echo rea''dy\n"));
            shell.awaitOutput("ready").send(DETACH);
            shell.await(PATIENCE).ok();
        }
        docker.ok("inspect --format '{{.State.Running}}' shell").prints("true\n");
        try (Started again = docker.inTerminal("attach shell")) {
            again.send(Docker.bytes("echo still-$first\n"));
            again.awaitOutput("still-kept").send(Docker.bytes("exit 6\n"));
            again.await(PATIENCE).exits(6);
        }
    }

    @Test
    void detachesByOtherKeys() {
        try (Started shell =
                docker.inTerminal("run -it --detach-keys ctrl-a,d --name shell --network none busybox sh")) {
            shell.awaitOutput("# ").send(Docker.bytes("echo in''side\n"));
            shell.awaitOutput("inside").send(new byte[] {1, 'd'});
            shell.await(PATIENCE).ok();
        }
        docker.ok("inspect --format '{{.State.Running}}' shell").prints("true\n");
    }

    @Test
    void aKeyThatOnlyBeginsTheSequenceIsInput() {
        try (Started shell = docker.inTerminal("run -it --rm --network none busybox sh")) {
            shell.awaitOutput("# ").send(Docker.bytes("stty -icanon -echo; head -c 3 | hexdump -C\n"));
            shell.awaitOutput("hexdump").send(Docker.bytes("x"));
            sleep();
            shell.send(new byte[] {16});
            sleep();
            shell.send(Docker.bytes("y"));
            shell.awaitOutput("78 10 79").send(Docker.bytes("exit\n"));
            shell.await(PATIENCE).ok();
        }
    }

    /** Until what was begun before listens. */
    private static void sleep() {
        java.util.concurrent.locks.LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
    }

    @Test
    void startAttachesToATerminal() {
        docker.ok("create -it --name shell --network none busybox sh");
        try (Started shell = docker.inTerminal("start -ai shell")) {
            shell.awaitOutput("# ").send(Docker.bytes("exit 7\n"));
            shell.await(PATIENCE).exits(7);
        }
    }

    @Test
    void twoClientsShareATerminal() {
        docker.ok("run -dit --name shell --network none busybox sh");
        try (Started one = docker.inTerminal("attach shell");
                Started two = docker.inTerminal("attach shell")) {
            one.awaitOutput("# ");
            two.awaitOutput("# ");
            one.send(Docker.bytes("echo from-o''ne\n"));
            one.awaitOutput("from-one");
            two.awaitOutput("from-one").send(Docker.bytes("exit\n"));
            one.await(PATIENCE).ok();
            two.await(PATIENCE).ok();
        }
    }

    @Test
    void execInATerminal() {
        docker.ok("run -d --name box --network none busybox sleep 600");
        try (Started shell = docker.inTerminal("exec -it box sh")) {
            shell.awaitOutput("# ").send(Docker.bytes("tty; stty size; echo $TERM\n"));
            shell.awaitOutput("xterm").send(Docker.bytes("exit 8\n"));
            shell.await(PATIENCE).exits(8).printsPart("/dev/pts/0", "30 90");
        }
    }

    @Test
    void execFollowsTheClientsTerminal() {
        docker.ok("run -d --name box --network none busybox sleep 600");
        try (Started shell = docker.inTerminal("exec -it box sh")) {
            shell.awaitOutput("# ");
            sleep();
            shell.send(Terminal.resize(21, 101));
            shell.send(Docker.bytes("until stty size | grep '21 101'; do sleep 0.05; done; echo s''een\n"));
            shell.awaitOutput("seen").send(Docker.bytes("exit\n"));
            shell.await(PATIENCE).ok();
        }
    }

    @Test
    void execDetachesByTheKeysAndGoesOn() {
        docker.ok("run -d --name box --network none busybox sleep 600");
        try (Started shell =
                docker.inTerminal("exec -it box sh -c 'echo in; sleep 1; echo over > /tmp/over; sleep 600'")) {
            shell.awaitOutput("in").send(DETACH);
            shell.await(PATIENCE).printsPart("read escape sequence");
        }
        docker.ok("exec box sh -c 'while [ ! -s /tmp/over ]; do sleep 0.05; done; cat /tmp/over'")
                .prints("over\n");
    }

    @Test
    void refusesATerminalWithoutOne() {
        docker.run("run --rm -it --network none busybox true").exits(1).says("the input device is not a TTY");
    }
}
