"""A session of Docker's SDK for Python (docker-py). Prints what it saw, less what differs from run to run.

session.py SOCKET REGISTRY, with the image busybox in the engine and the image tools:1 in the registry.
"""

import io
import socket
import sys
import tarfile
import threading
import time

import docker
from docker import errors
from docker.types import EndpointConfig, IPAMConfig, IPAMPool, Mount
from docker.utils.socket import frames_iter

client = docker.DockerClient(base_url="unix://" + sys.argv[1], version="auto", timeout=60)
registry = sys.argv[2]
began = time.time()


def tell(what, *values):
    print(what + ":", *values, flush=True)


def refused(what, call, *words):
    """The exception that the SDK makes of a refusal, and whether its message has the words."""
    try:
        call()
        tell(what, "was not refused")
    except errors.APIError as e:
        missing = [word for word in words if word not in (e.explanation or "")]
        tell(what, type(e).__name__, e.status_code, "without %s: %s" % (missing, e.explanation) if missing else "as it should")


def containers():
    one = client.containers.create(
        "busybox",
        ["sh", "-c", "echo out; echo err >&2; exit 3"],
        name="one",
        environment={"COLOUR": "blue"},
        labels={"tier": "front"},
        network_mode="none",
    )
    tell("created", one.status, one.name, one.labels["tier"], one.attrs["Config"]["Env"][0])
    one.start()
    tell("waited", one.wait(timeout=30)["StatusCode"])
    tell("logs", one.logs(stdout=True, stderr=False), one.logs(stdout=False, stderr=True))
    one.reload()
    tell("state", one.status, one.attrs["State"]["ExitCode"], one.attrs["State"]["Running"])
    tell("listed", [c.name for c in client.containers.list(all=True, filters={"label": "tier=front"})])
    refused("name in use", lambda: client.containers.create("busybox", name="one"), "already in use", one.id[:12])
    refused("killed when ended", one.kill, "is not running")
    one.rename("other")
    one.remove()
    refused("removed", lambda: client.containers.get("other"), "No such container: other")
    refused("no image", lambda: client.containers.create("not-there"), "No such image: not-there:latest")
    tell("run", client.containers.run("busybox", "echo hello", remove=True, network_mode="none"))
    try:
        client.containers.run("busybox", "sh -c 'echo broken >&2; exit 4'", remove=True, network_mode="none")
    except errors.ContainerError as e:
        tell("run fails", e.exit_status, e.stderr)
    refused("no such command", lambda: client.containers.run("busybox", "nothing", network_mode="none"), "nothing")
    two = client.containers.run("busybox", "sleep 600", detach=True, name="two", mem_limit="32m", network_mode="none")
    refused("removed while it runs", two.remove, "running container")
    two.pause()
    two.reload()
    tell("paused", two.status)
    two.unpause()
    two.update(mem_limit="48m", memswap_limit="64m")
    two.reload()
    tell("updated", two.status, two.attrs["HostConfig"]["Memory"])
    tell("top", two.top()["Titles"][-1], two.top()["Processes"][0][-1])
    files(two)
    started = two.attrs["State"]["StartedAt"]
    two.restart(timeout=0)
    two.reload()
    tell("restarted", two.attrs["State"]["StartedAt"] > started)
    two.kill(signal="SIGTERM")
    two.stop(timeout=0)
    two.reload()
    tell("stopped", two.status, two.attrs["State"]["ExitCode"])
    two.remove(v=True)
    client.containers.prune()
    tell("none left", client.containers.list(all=True))


def files(container):
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        entry = tarfile.TarInfo("note")
        entry.size, entry.mode, entry.mtime = 5, 0o640, 1700000000
        tar.addfile(entry, io.BytesIO(b"notes"))
    tell("put", container.put_archive("/tmp", archive.getvalue()))
    stream, stat = container.get_archive("/tmp/note")
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
        tell("got", stat["name"], stat["size"], oct(tar.getmember("note").mode & 0o7777), tar.extractfile("note").read())
    refused("no such file", lambda: container.get_archive("/tmp/nothing"), "nothing")
    tell("changed", [(change["Path"], change["Kind"]) for change in container.diff() if change["Path"].startswith("/tmp")])


def streams():
    cat = client.containers.create("busybox", "cat", stdin_open=True, name="cat", network_mode="none")
    attached = cat.attach_socket(params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
    cat.start()
    attached._sock.sendall(b"over and back\n")
    attached._sock.shutdown(socket.SHUT_WR)
    tell("attached", b"".join(data for _, data in frames_iter(attached, tty=False)))
    attached.close()
    cat.remove(force=True)

    box = client.containers.run("busybox", "sleep 600", detach=True, name="box", network_mode="none")
    tell("exec", tuple(box.exec_run("sh -c 'echo to out; echo to err >&2; exit 5'", demux=True)))
    tell("exec as", tuple(box.exec_run("sh -c 'id -u; pwd; echo $A'", user="1", workdir="/tmp", environment={"A": "b"})))
    _, parts = box.exec_run("sh -c 'for i in 1 2 3; do echo $i; sleep 0.1; done'", stream=True)
    tell("exec streams", b"".join(parts))
    both = client.api.exec_create(box.id, "sh -c 'read a; echo got $a'", stdin=True)
    duplex = client.api.exec_start(both["Id"], socket=True)
    duplex._sock.sendall(b"words\n")
    tell("exec takes", b"".join(data for _, data in frames_iter(duplex, tty=False)))
    duplex.close()
    tell("exec ended", client.api.exec_inspect(both["Id"])["ExitCode"])
    terminal = box.exec_run("sh -c 'test -t 1 && echo a terminal'", tty=True)
    tell("exec tty", tuple(terminal))
    seen = [sample for sample, _ in zip(box.stats(decode=True), range(2))]
    tell("stats", len(seen), seen[1]["memory_stats"]["usage"] > 0, seen[1]["name"])
    tell("stats once", box.stats(stream=False)["pids_stats"]["current"])
    box.remove(force=True)
    refused("exec in none", lambda: client.api.exec_create("box", "true"), "No such container: box")

    clock = client.containers.run(
        "busybox", "sh -c 'for i in 1 2 3; do echo tick $i; sleep 0.2; done'", detach=True, name="clock", network_mode="none"
    )
    tell("logs follow", b"".join(clock.logs(stream=True, follow=True)))
    tell("logs tail", clock.logs(tail=1), len(clock.logs(timestamps=True).split(b"\n")[0]))
    refused("exec in ended", lambda: clock.exec_run("true"), "is not running")
    clock.remove()


def images():
    busybox = client.images.get("busybox")
    tell("image", busybox.tags, busybox.attrs["Config"]["Cmd"], busybox.attrs["Os"])
    tell("tagged", busybox.tag("mine/tools", "2"), sorted(client.images.get("busybox").tags))
    tell("history", len(busybox.history()))
    tell("images", [i.tags for i in client.images.list(name="mine/tools")])
    saved = b"".join(client.images.get("mine/tools:2").save(named="mine/tools:2"))
    client.images.remove("mine/tools:2")
    refused("image removed", lambda: client.images.get("mine/tools:2"), "No such image: mine/tools:2")
    tell("loaded", [i.tags for i in client.images.load(saved)][0])
    client.images.remove("mine/tools:2", force=True)
    user = client.containers.create("busybox", name="user", network_mode="none")
    refused("image in use", lambda: client.images.remove(busybox.id), "must be forced")
    committed = user.commit("mine/committed", "1", conf={"Labels": {"made": "here"}})
    tell("committed", committed.tags, committed.attrs["Config"]["Labels"])
    user.remove()
    client.images.remove(committed.id)

    lines = list(client.api.pull(registry + "/tools", tag="1", stream=True, decode=True))
    tell("pulled", lines[0]["status"], "Pull complete" in [line.get("status") for line in lines])
    tools = client.images.get(registry + "/tools:1")
    tell("pulled image", tools.attrs["Config"]["Cmd"], len(tools.attrs["RepoDigests"]))
    tools.tag(registry + "/pushed", "1")
    lines = list(client.images.push(registry + "/pushed", tag="1", stream=True, decode=True))
    tell("pushed", any("digest: sha256:" in line.get("status", "") for line in lines))
    refused("not in the registry", lambda: client.images.pull(registry + "/nothing", tag="1"), "nothing")
    client.images.remove(registry + "/pushed:1")
    client.images.remove(registry + "/tools:1")
    tell("unknown to the registry", any("error" in line for line in client.images.push(registry + "/gone", stream=True, decode=True)))


def networks():
    pool = IPAMPool(subnet="10.94.0.0/24", gateway="10.94.0.1")
    net = client.networks.create("net", driver="bridge", ipam=IPAMConfig(pool_configs=[pool]), labels={"a": "b"})
    net.reload()
    tell("network", net.name, net.attrs["Driver"], net.attrs["IPAM"]["Config"], net.attrs["Labels"])
    server = client.containers.create("busybox", "sleep 600", name="server", network="net")
    server.start()
    peer = client.containers.run("busybox", "sleep 600", name="peer", detach=True)
    net.connect(peer, aliases=["friend"], ipv4_address="10.94.0.50")
    net.reload()
    tell("members", sorted(c.name for c in net.containers))
    peer.reload()
    tell("endpoint", peer.attrs["NetworkSettings"]["Networks"]["net"]["IPAddress"], sorted(peer.attrs["NetworkSettings"]["Networks"]))
    tell("by name", server.exec_run("ping -c 1 -w 5 friend").exit_code)
    refused("in use", net.remove, "has active endpoints")
    refused("connected twice", lambda: net.connect(peer), "already exists in network net")
    net.disconnect(peer)
    try:
        net.disconnect(peer)
    except errors.APIError as e:  # Docker Engine's status is 500 or 403, by its version
        tell("disconnected twice", "is not connected to" in e.explanation)
    tell("not by name", server.exec_run("ping -c 1 -w 1 friend").exit_code)
    refused("overlaps", lambda: client.networks.create("overlap", ipam=IPAMConfig(pool_configs=[pool])), "Pool overlaps")
    published = client.containers.run("busybox", "sleep 600", name="published", detach=True, ports={"80/tcp": None, "53/udp": ("127.0.0.1", 10053)})
    published.reload()
    tell("ports", sorted(published.ports), int(published.ports["80/tcp"][0]["HostPort"]) > 0, published.ports["53/udp"])
    for container in (server, peer, published):
        container.remove(force=True)
    net.remove()
    refused("network removed", net.reload, "not found")
    refused("predefined", lambda: client.networks.get("bridge").remove(), "pre-defined network")
    client.networks.create("unused")
    tell("pruned", client.networks.prune()["NetworksDeleted"])


def volumes():
    data = client.volumes.create("data", labels={"keep": "yes"})
    tell("volume", data.name, data.attrs["Driver"], data.attrs["Labels"], data.attrs["Scope"])
    client.containers.run("busybox", "sh -c 'echo kept > /data/file'", remove=True, volumes={"data": {"bind": "/data"}}, network_mode="none")
    mount = Mount("/in", "data", type="volume", read_only=True)
    reader = client.containers.create("busybox", "sh -c 'cat /in/file; touch /in/new'", name="reader", mounts=[mount], network_mode="none")
    reader.start()
    tell("reader", reader.wait(timeout=30)["StatusCode"], reader.logs(stderr=False), reader.logs(stdout=False))
    refused("volume in use", data.remove, "volume is in use", reader.id)
    reader.remove()
    tell("volumes", [v.name for v in client.volumes.list(filters={"label": "keep"})])
    data.remove()
    refused("volume removed", lambda: client.volumes.get("data"), "no such volume")


def events():
    heard = []
    live = client.events(decode=True, filters={"container": "told", "type": "container"})

    def listen():
        for event in live:
            heard.append(event["Action"])
            if event["Action"] == "destroy":
                return

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    time.sleep(0.5)
    client.containers.run("busybox", "true", name="told", remove=True, network_mode="none")
    listener.join(20)
    live.close()
    tell("events", [action for action in heard if action != "attach"])
    past = client.events(decode=True, since=began, until=time.time() + 0.1, filters={"type": "volume", "event": ["create", "destroy"]})
    # Docker Engine of some versions tells of a create with each use of a volume.
    tell("past events", sorted({(event["Type"], event["Action"], event["Actor"]["ID"]) for event in past}))


tell("ping", client.ping(), client.version()["Os"], client.info()["OSType"])
containers()
streams()
images()
networks()
volumes()
events()
refused("path not there", lambda: client.api._raise_for_status(client.api._post(client.api._url("/nothing"))), "")
tell("left", client.containers.list(all=True), [n.name for n in client.networks.list(filters={"type": "custom"})], client.volumes.list())
