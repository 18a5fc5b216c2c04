package io.longshore.platform.client;

import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * No part waits for another while it holds a database connection: that would let one slow part drain every pool. It is a defect,
 * so it fails loudly wherever a test or a user meets it.
 */
public final class OpenTransaction {
    private OpenTransaction() {}

    /** Throws {@link IllegalStateException} when the current thread is inside a transaction. */
    public static void refuse(String call) {
        if (TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalStateException("contract call inside a transaction: " + call);
        }
    }
}
