package io.longshore.platform.run.echo;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.ErrorKind;
import io.longshore.contracts.id.ContainerId;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.web.bind.annotation.RestController;

@RestController
class EchoController implements EchoApi {
    @Override
    public Thing echo(Caller caller, ContainerId id, @Nullable String suffix, Thing thing) {
        return new Thing(id, thing.name() + (suffix == null ? "" : suffix), thing.size(), thing.tags());
    }

    @Override
    public void fail(Caller caller, String kind, String message) {
        if (kind.equals("DEFECT")) {
            throw new IllegalStateException(message);
        }
        if (kind.equals("LOCKING")) {
            throw new OptimisticLockingFailureException(message);
        }
        throw ErrorKind.valueOf(kind).failure(message);
    }

    @Override
    public String slow(Caller caller, long millis) {
        LockSupport.parkNanos(millis * 1_000_000);
        return "\"slept\"";
    }

    @Override
    public Caller caller(Caller caller) {
        return caller;
    }
}
