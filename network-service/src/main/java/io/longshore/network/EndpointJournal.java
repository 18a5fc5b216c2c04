package io.longshore.network;

import io.longshore.contracts.claim.Owner;
import io.longshore.network.store.Endpoint;
import io.longshore.network.store.EndpointRepository;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Claims on predefined networks, written behind the answer, many in one commit. Nothing depends on them: a predefined network cannot be
 * removed and has no addresses to give out, and an endpoint's id follows from its owner, so that a claim lost in a crash costs a line in
 * a list. A claim on any other network is committed before it is answered; what a removed container had goes by this way from every network,
 * and its addresses are so free some milliseconds later. Thread-safe.
 */
@Component
class EndpointJournal implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(EndpointJournal.class);
    private static final long EVERY_MILLIS = 50;
    /** While the database is away more would only fill the memory; what is beyond is lost as in a crash. */
    private static final int MOST = 100_000;

    private static final long AFTER_FAILURE_MILLIS = 1_000;

    private final EndpointRepository repository;
    private final TransactionTemplate transactions;
    /** One at a time, so that what is taken later is also written later. */
    private final ReentrantLock flushing = new ReentrantLock();

    private Map<Owner, Endpoint> claimed = new LinkedHashMap<>();
    private Set<Owner> released = new LinkedHashSet<>();
    private volatile boolean running;
    private @org.jspecify.annotations.Nullable Thread thread;

    EndpointJournal(EndpointRepository repository, TransactionTemplate transactions) {
        this.repository = repository;
        this.transactions = transactions;
    }

    synchronized void claim(Endpoint endpoint) {
        released.remove(endpoint.owner());
        if (claimed.size() < MOST) {
            claimed.put(endpoint.owner(), endpoint);
        }
        notifyAll();
    }

    /** A claim that is not written yet never will be; one that is, perhaps by an earlier try, is deleted. */
    synchronized void release(List<Owner> owners) {
        for (Owner owner : owners) {
            claimed.remove(owner);
            if (released.size() < MOST) {
                released.add(owner);
            }
        }
        notifyAll();
    }

    /** Writes what is pending; after it the table is up to date. What could not be written stays pending. */
    void flush() {
        flushing.lock();
        try {
            write();
        } finally {
            flushing.unlock();
        }
    }

    private void write() {
        Map<Owner, Endpoint> toInsert;
        Set<Owner> toDelete;
        synchronized (this) {
            toInsert = claimed;
            toDelete = released;
            claimed = new LinkedHashMap<>();
            released = new LinkedHashSet<>();
        }
        if (toInsert.isEmpty() && toDelete.isEmpty()) {
            return;
        }
        try {
            transactions.executeWithoutResult(status -> {
                repository.delete(new ArrayList<>(toDelete));
                repository.insert(new ArrayList<>(toInsert.values()));
            });
        } catch (RuntimeException e) {
            putBack(toInsert, toDelete);
            throw e;
        }
    }

    /** What came meanwhile is newer and wins. */
    private synchronized void putBack(Map<Owner, Endpoint> toInsert, Set<Owner> toDelete) {
        toInsert.forEach((owner, endpoint) -> {
            if (!released.contains(owner) && claimed.size() < MOST) {
                claimed.putIfAbsent(owner, endpoint);
            }
        });
        toDelete.forEach(owner -> {
            if (!claimed.containsKey(owner) && released.size() < MOST) {
                released.add(owner);
            }
        });
    }

    /** Below the web server's, which is so stopped before this: its last requests may still claim. */
    @Override
    public int getPhase() {
        return 0;
    }

    @Override
    public void start() {
        running = true;
        thread = Thread.ofVirtual().name("endpoint-journal").start(this::loop);
    }

    @Override
    public void stop() {
        running = false;
        if (thread != null) {
            thread.interrupt();
        }
        try {
            flush();
        } catch (RuntimeException e) {
            LOG.warn("the latest claims on predefined networks are not written: {}", e.toString());
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void loop() {
        while (running) {
            try {
                awaitWork();
                Thread.sleep(EVERY_MILLIS);
                flush();
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.warn("claims on predefined networks are not written, trying again: {}", e.toString());
                LockSupport.parkNanos(AFTER_FAILURE_MILLIS * 1_000_000);
            }
        }
    }

    private synchronized void awaitWork() throws InterruptedException {
        while (claimed.isEmpty() && released.isEmpty()) {
            wait();
        }
    }
}
