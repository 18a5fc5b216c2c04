// A session of dockerode. Prints what it saw, less what differs from run to run.
//
// session.js SOCKET REGISTRY, with the image busybox in the engine and the image tools:1 in the registry.
'use strict';

const { PassThrough } = require('stream');
const Docker = require('dockerode');
const tar = require('tar-stream');

const docker = new Docker({ socketPath: process.argv[2], timeout: 60000 });
const registry = process.argv[3];
const began = Math.floor(Date.now() / 1000);

function tell(what, ...values) {
  console.log(what + ':', ...values.map((value) => JSON.stringify(value)));
}

/** The error that the SDK makes of a refusal, and whether its message has the words. */
async function refused(what, call, ...words) {
  try {
    await call();
    tell(what, 'was not refused');
  } catch (error) {
    const missing = words.filter((word) => !error.message.includes(word));
    tell(what, error.statusCode, missing.length ? `without ${missing}: ${error.message}` : 'as it should');
  }
}

/** All that a stream gives. */
async function bytes(stream) {
  const parts = [];
  for await (const part of stream) {
    parts.push(part);
  }
  return Buffer.concat(parts);
}

async function text(stream) {
  return (await bytes(stream)).toString();
}

/** What is in the frames of an attached stream, by its kind. */
async function frames(stream) {
  const out = new PassThrough();
  const err = new PassThrough();
  docker.modem.demuxStream(stream, out, err);
  stream.on('end', () => [out, err].forEach((each) => each.end()));
  const [first, second] = await Promise.all([text(out), text(err)]);
  return { out: first, err: second };
}

/** All lines of a stream of progress; rejects with the error in them. */
function progress(stream) {
  return new Promise((resolve, reject) =>
    docker.modem.followProgress(stream, (error, lines) => (error ? reject(error) : resolve(lines))));
}

const quiet = { HostConfig: { NetworkMode: 'none' } };

async function containers() {
  const one = await docker.createContainer({
    Image: 'busybox', name: 'one', Cmd: ['sh', '-c', 'echo out; echo err >&2; exit 3'],
    Env: ['COLOUR=blue'], Labels: { tier: 'front' }, ...quiet,
  });
  await one.start();
  await refused('name in use', () => docker.createContainer({ Image: 'busybox', name: 'one' }), 'already in use', one.id);
  tell('waited', (await one.wait()).StatusCode);
  const info = await one.inspect();
  tell('state', info.State.Status, info.State.ExitCode, info.Name, info.Config.Labels, info.Config.Env[0]);
  const logs = await one.logs({ stdout: true, stderr: false });
  tell('logs', logs.subarray(8).toString());
  tell('listed', (await docker.listContainers({ all: true, filters: { label: ['tier=front'] } })).map((c) => c.Names));
  await refused('started when removed', async () => {
    await one.remove();
    await one.start();
  }, 'No such container: ' + one.id);
  await refused('no image', () => docker.createContainer({ Image: 'not-there' }), 'No such image: not-there:latest');

  const out = new PassThrough();
  const said = text(out);
  const [result, ran] = await docker.run('busybox', ['sh', '-c', 'echo hello; exit 6'], out, { Tty: true, ...quiet });
  tell('run', result.StatusCode, await said);
  await ran.remove();

  // Not by run(): that waits after the start, when what removes itself may be gone.
  const brief = await docker.createContainer({ Image: 'busybox', Cmd: ['sh', '-c', 'sleep 1; exit 7'], HostConfig: { AutoRemove: true, NetworkMode: 'none' } });
  const removed = brief.wait({ condition: 'removed' });
  await brief.start();
  tell('removed itself', (await removed).StatusCode);
  await refused('and is gone', () => brief.inspect(), 'No such container: ' + brief.id);

  const two = await docker.createContainer({ Image: 'busybox', name: 'two', Cmd: ['sleep', '600'], ...quiet });
  await two.start();
  await refused('started twice', () => two.start());
  await two.pause();
  tell('paused', (await two.inspect()).State.Status);
  await two.unpause();
  await two.rename({ name: 'renamed' });
  await two.update({ Memory: 48 << 20, MemorySwap: 64 << 20 });
  const updated = await docker.getContainer('renamed').inspect();
  tell('updated', updated.Name, updated.HostConfig.Memory);
  tell('top', (await two.top()).Processes.length);
  await refused('removed while it runs', () => two.remove(), 'running container');
  await two.restart({ t: 0 });
  await two.stop({ t: 0 });
  tell('stopped', (await two.inspect()).State.ExitCode);
  await refused('killed when stopped', () => two.kill(), 'is not running');
  await two.remove({ v: true });
}

async function streams() {
  const cat = await docker.createContainer({ Image: 'busybox', Cmd: ['cat'], OpenStdin: true, StdinOnce: true, ...quiet });
  const attached = await cat.attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true });
  await cat.start();
  attached.write('over ');
  attached.end('and back\n');
  tell('attached', await frames(attached));
  tell('its end', (await cat.wait()).StatusCode);
  await cat.remove();

  const box = await docker.createContainer({ Image: 'busybox', name: 'box', Cmd: ['sleep', '600'], ...quiet });
  await box.start();
  const exec = await box.exec({ Cmd: ['sh', '-c', 'read a; echo got $a; echo err >&2; exit 5'], AttachStdin: true, AttachStdout: true, AttachStderr: true });
  const session = await exec.start({ hijack: true, stdin: true });
  session.end('words\n');
  tell('exec', await frames(session), (await exec.inspect()).ExitCode);
  const terminal = await box.exec({ Cmd: ['sh', '-c', 'stty size'], Tty: true, AttachStdout: true, ConsoleSize: [40, 100] });
  const screen = await terminal.start({ Tty: true });
  tell('exec tty', (await text(screen)).length > 0);
  await box.putArchive(await archive('note', 'notes'), { path: '/tmp' });
  tell('got', (await text(await box.getArchive({ path: '/tmp/note' }))).includes('notes'));
  tell('changed', (await box.changes()).map((change) => change.Path));
  await refused('no such file', () => box.getArchive({ path: '/tmp/nothing' }), 'nothing');
  const stats = await box.stats({ stream: false });
  tell('stats', stats.memory_stats.usage > 0, stats.pids_stats.current);
  const samples = await box.stats({ stream: true });
  await new Promise((resolve) => samples.once('data', resolve));
  samples.destroy();
  await box.remove({ force: true });

  const clock = await docker.createContainer({ Image: 'busybox', name: 'clock', Cmd: ['sh', '-c', 'for i in 1 2 3; do echo tick $i; sleep 0.2; done'], ...quiet });
  await clock.start();
  const following = await clock.logs({ follow: true, stdout: true, stderr: true });
  tell('logs follow', (await frames(following)).out);
  await refused('exec in ended', () => clock.exec({ Cmd: ['true'] }), 'is not running');
  await clock.remove();
}

/** A tar archive of one file. */
function archive(name, content) {
  const pack = tar.pack();
  pack.entry({ name, mode: 0o640 }, content);
  pack.finalize();
  return bytes(pack);
}

async function images() {
  const busybox = docker.getImage('busybox');
  await busybox.tag({ repo: 'mine/tools', tag: '2' });
  tell('tags', (await busybox.inspect()).RepoTags.sort(), (await busybox.history()).length);
  const saved = await bytes(await docker.getImage('mine/tools:2').get());
  await docker.getImage('mine/tools:2').remove();
  await refused('image removed', () => docker.getImage('mine/tools:2').inspect(), 'No such image: mine/tools:2');
  const loaded = await progress(await docker.loadImage(saved));
  tell('loaded', loaded.map((line) => line.stream).filter((line) => line && line.includes('Loaded image')));
  await docker.getImage('mine/tools:2').remove();

  const pulled = await progress(await docker.pull(registry + '/tools:1'));
  tell('pulled', pulled.some((line) => line.status === 'Pull complete'), pulled[pulled.length - 1].status.includes('Downloaded newer image'));
  await docker.getImage(registry + '/tools:1').tag({ repo: registry + '/pushed', tag: '1' });
  const pushed = await progress(await docker.getImage(registry + '/pushed:1').push({ authconfig: { username: 'a', password: 'b' } }));
  tell('pushed', pushed.some((line) => line.aux && line.aux.Tag === '1'));
  await refused('not in the registry', () => docker.pull(registry + '/nothing:1'), 'nothing');
  for (const name of ['/tools:1', '/pushed:1']) {
    await docker.getImage(registry + name).remove();
  }
  tell('images', (await docker.listImages()).map((image) => image.RepoTags));
}

async function networks() {
  const network = await docker.createNetwork({ Name: 'net', Labels: { a: 'b' }, IPAM: { Config: [{ Subnet: '10.95.0.0/24', Gateway: '10.95.0.1' }] } });
  const server = await docker.createContainer({ Image: 'busybox', name: 'server', Cmd: ['sleep', '600'], HostConfig: { NetworkMode: 'net' }, ExposedPorts: { '80/tcp': {} } });
  await server.start();
  const peer = await docker.createContainer({ Image: 'busybox', name: 'peer', Cmd: ['sleep', '600'], HostConfig: { PublishAllPorts: true }, ExposedPorts: { '80/tcp': {} } });
  await peer.start();
  await network.connect({ Container: 'peer', EndpointConfig: { Aliases: ['friend'], IPAMConfig: { IPv4Address: '10.95.0.50' } } });
  const seen = await network.inspect();
  tell('network', seen.Name, seen.Labels, seen.IPAM.Config, Object.values(seen.Containers).map((c) => c.Name + ' ' + c.IPv4Address).sort());
  const info = await peer.inspect();
  tell('peer', Object.keys(info.NetworkSettings.Networks).sort(), info.NetworkSettings.Networks.net.IPAddress, Number(info.NetworkSettings.Ports['80/tcp'][0].HostPort) > 0);
  await refused('in use', () => network.remove(), 'has active endpoints');
  await network.disconnect({ Container: 'peer' });
  await server.remove({ force: true });
  await peer.remove({ force: true });
  await network.remove();
  await refused('network removed', () => network.inspect(), 'not found');
  tell('networks', (await docker.listNetworks()).map((n) => n.Name).sort());
}

async function volumes() {
  await docker.createVolume({ Name: 'data', Labels: { keep: 'yes' } });
  const writer = await docker.createContainer({ Image: 'busybox', Cmd: ['sh', '-c', 'echo kept > /data/file'], HostConfig: { Binds: ['data:/data'], NetworkMode: 'none' } });
  await writer.start();
  tell('written', (await writer.wait()).StatusCode);
  await refused('volume in use', () => docker.getVolume('data').remove(), 'volume is in use', writer.id);
  await writer.remove();
  tell('volumes', (await docker.listVolumes({ filters: { label: ['keep=yes'] } })).Volumes.map((v) => v.Name));
  await docker.getVolume('data').remove();
  await refused('volume removed', () => docker.getVolume('data').inspect(), 'no such volume');
}

async function events() {
  const live = await docker.getEvents({ filters: { container: ['told'], type: ['container'] } });
  const heard = [];
  const destroyed = new Promise((resolve) => live.on('data', (line) => {
    String(line).trim().split('\n').map((each) => JSON.parse(each).Action).forEach((action) => heard.push(action));
    if (heard.includes('destroy')) {
      resolve();
    }
  }));
  const short = await docker.createContainer({ Image: 'busybox', name: 'told', Cmd: ['true'], ...quiet });
  await short.start();
  await short.wait();
  await short.remove();
  await destroyed;
  live.destroy();
  tell('events', heard);
  const past = await docker.getEvents({ since: began, until: Math.floor(Date.now() / 1000) + 1, filters: { type: ['volume'], event: ['create', 'destroy'] } });
  const told = (await text(past)).trim().split('\n').map((line) => JSON.parse(line)).map((event) => event.Action + ' ' + event.Actor.ID);
  // Docker Engine of some versions tells of a create with each use of a volume.
  tell('past events', [...new Set(told)]);
}

async function session() {
  tell('ping', String(await docker.ping()), (await docker.version()).Os, (await docker.info()).OSType);
  await containers();
  await streams();
  await images();
  await networks();
  await volumes();
  await events();
  tell('left', await docker.listContainers({ all: true }), (await docker.listVolumes()).Volumes || []);
}

session().catch((error) => {
  console.error(error);
  process.exit(1);
});
