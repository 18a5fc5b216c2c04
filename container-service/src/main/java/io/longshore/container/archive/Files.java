package io.longshore.container.archive;

import io.longshore.container.lifecycle.Starting;
import io.longshore.container.placement.Agents;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.container.state.ContainerStore;
import io.longshore.container.state.EventDraft;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentPaths;
import io.longshore.contracts.agent.PathStat;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.stream.ByteStream;
import io.longshore.platform.stream.StreamClient;
import io.longshore.platform.stream.StreamRequest;
import java.io.InputStream;
import java.util.List;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/** Has containers' files read and written by their agents. */
@Component
class Files {
    private final ContainerStore store;
    private final Agents agents;
    private final Starting starting;

    Files(ContainerStore store, Agents agents, Starting starting) {
        this.store = store;
        this.agents = agents;
        this.starting = starting;
    }

    /** The row of a container whose agent knows of it: it hears of one when that is first needed there. */
    ContainerRow require(Caller caller, String reference) {
        ContainerRow row = store.find(caller.project(), reference);
        if (row.state() == ContainerState.REMOVING) {
            throw new Failure.Conflict("container " + row.id() + " is being removed");
        }
        if (row.state() == ContainerState.CREATED) {
            starting.prepare(caller, row.id());
        }
        return row;
    }

    PathStat stat(Caller caller, String reference, String path) {
        ContainerRow row = require(caller, reference);
        return named(row, reference, () -> agents.files(row.node()).stat(caller, row.id(), path));
    }

    /** An archive as it comes, with the state of its file in the head. */
    StreamClient.Answer archive(Caller caller, String reference, String path) {
        ContainerRow row = require(caller, reference);
        StreamRequest request = StreamRequest.get(AgentPaths.archive(row.id())).query("path", path);
        StreamClient.Answer answer =
                named(row, reference, () -> agents.streams(row.node()).fetch(caller, request));
        tell(row, "archive-path", answer.stream());
        return answer;
    }

    /** Where an archive is to be extracted, and how. */
    record Target(String path, boolean noOverwriteDirNonDir, boolean copyUidGid) {}

    void extract(Caller caller, String reference, Target target, InputStream archive) {
        ContainerRow row = require(caller, reference);
        StreamRequest request = new StreamRequest("PUT", AgentPaths.archive(row.id()), List.of(), null)
                .query("path", target.path())
                .query("noOverwriteDirNonDir", target.noOverwriteDirNonDir())
                .query("copyUIDGID", target.copyUidGid());
        StreamClient.Answer answer =
                named(row, reference, () -> agents.streams(row.node()).send(caller, request, archive));
        answer.stream().close();
        store.tell(row, EventDraft.of(row, "extract-to-dir"));
    }

    ByteStream export(Caller caller, String reference) {
        ContainerRow row = require(caller, reference);
        ByteStream stream = agents.streams(row.node()).download(caller, StreamRequest.get(AgentPaths.export(row.id())));
        tell(row, "export", stream);
        return stream;
    }

    ByteStream changes(Caller caller, String reference) {
        ContainerRow row = require(caller, reference);
        return agents.streams(row.node()).download(caller, StreamRequest.get(AgentPaths.fileChanges(row.id())));
    }

    private void tell(ContainerRow row, String action, ByteStream opened) {
        boolean told = false;
        try {
            store.tell(row, EventDraft.of(row, action));
            told = true;
        } finally {
            if (!told) {
                opened.close();
            }
        }
    }

    /** The agent knows a container by its id; the client reads the name that it gave. */
    private static <T> T named(ContainerRow row, String reference, Supplier<T> call) {
        try {
            return call.get();
        } catch (Failure.NotFound e) {
            throw new Failure.NotFound(e.text().replace(row.id().value(), reference), e);
        } catch (Failure.Invalid e) {
            throw new Failure.Invalid(e.text().replace(row.id().value(), reference), e);
        }
    }
}
