package io.longshore.acceptance.fleet;

/** A container as its client knows it: what it asked for, and what it was told. Written by its client alone. */
final class Entry {
    /** Of a thing that was asked for once at most. */
    enum Fact {
        NO,
        /** Asked for, and not answered, or refused on the way: it has happened or it has not. */
        ASKED,
        /** Answered. */
        DONE
    }

    final String name;
    /** Whose node it is to be on. */
    final String node;

    volatile String id = "";
    volatile Fact created = Fact.NO;
    volatile Fact started = Fact.NO;
    volatile Fact stopped = Fact.NO;
    volatile Fact removed = Fact.NO;

    Entry(String name, String node) {
        this.name = name;
        this.node = node;
    }

    String path() {
        return "/containers/" + name;
    }

    /** It has to be there. */
    boolean there() {
        return created == Fact.DONE && removed == Fact.NO;
    }

    /** It may not be there. */
    boolean gone() {
        return removed == Fact.DONE || created == Fact.NO;
    }

    /** Its process has to run. */
    boolean runs() {
        return there() && started == Fact.DONE && stopped == Fact.NO;
    }

    /** Its process may not run. */
    boolean rests() {
        return gone() || started == Fact.NO || stopped == Fact.DONE;
    }

    @Override
    public String toString() {
        return name + " " + id + " for " + node + " (created " + created + ", started " + started + ", stopped "
                + stopped + ", removed " + removed + ")";
    }
}
