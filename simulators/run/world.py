"""The whole chain on one machine: what runs, in which order it starts, how each part is killed and comes back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from typing import TYPE_CHECKING, Any

from simulators.http import ApiError, JsonClient
from simulators.links.proxy import LinkProxy
from simulators.links.traffic import Traffic
from simulators.phone.phone import Phone
from simulators.run import demo as demo_world
from simulators.run import ports
from simulators.run.child import Child, end_leftover, kassa, run_to_end
from simulators.run.faults import Faults
from simulators.run.live import Live, OpsClient
from simulators.run.rails_part import RailsPart
from simulators.terminal import provision
from simulators.terminal.process import Terminal
from simulators.waiting import SimulatorError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from backend.store.embedded import EmbeddedPostgres
    from hub.broker.accounts import Accounts
    from hub.broker.embedded import EmbeddedBroker
    from simulators.run.demo import Demo
    from simulators.run.options import Options

_PROBE_TIMEOUT_S = 1.0
#: What a world and its parts write into the state's folder, beside the lock.
MADE = (
    "postgres",
    "broker",
    "broker-accounts.json",
    "hub",
    "flash",
    "provision",
    "dev.json",
    "vault-master.key",
    "logs",
)


class World:
    """All parts. `start` brings them up in order; `stop` takes them down in the opposite order, whatever happened."""

    def __init__(self, options: Options, report: Callable[[str], None] = lambda _line: None) -> None:
        self.options = options
        self.state = options.state.absolute()
        self.logs = self.state / "logs"
        self.report = report
        self.keep_state = False
        self.terminals: dict[str, Terminal] = {}
        self.links: dict[str, LinkProxy] = {}
        self.phones: list[Phone] = []
        self.traffic = Traffic()
        self.faults = Faults(self)
        self.demo: Demo
        self.live: Live
        self.ops: OpsClient
        self.rails: RailsPart
        self.database: EmbeddedPostgres
        self.broker: EmbeddedBroker
        self.database_url = ""
        self.backend_port = 0
        self.hub_port = 0
        self._children: dict[str, Child] = {}
        self._broker_running = False
        self._hub_probe = JsonClient("http://127.0.0.1:1")
        self._stops: list[Callable[[], Any]] = []

    # -- bringing up

    async def start(self) -> None:
        """Start everything; a failure stops what had started and is raised."""
        try:
            await self._prepare()
            await self._start_database()
            await self._start_backend()
            await self._start_broker()
            await self._start_hub()
            await self._start_terminals()
            await self._start_views()
        except BaseException:
            await self.stop()
            raise

    async def _prepare(self) -> None:
        if self.options.fresh and self.state.exists():
            await asyncio.to_thread(_empty, self.state)
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.logs.mkdir(mode=0o700, exist_ok=True)
        for left in self.logs.glob("*.pid"):
            await asyncio.to_thread(end_leftover, left)
        self.backend_port = ports.choose(self.options.backend_port)
        self.rails = RailsPart()
        self.hub_port = ports.choose(0)

    async def _start_database(self) -> None:
        from backend.store.embedded import EmbeddedPostgres  # noqa: PLC0415  (heavy: only when a world is started)

        self.report("PostgreSQL")
        self.database = EmbeddedPostgres(self.state / "postgres")
        self._stops.append(lambda: asyncio.to_thread(self._stop_database))
        self.database_url = await _whole(self.database.start)

    def _stop_database(self) -> None:
        """Stop the server, also one that a killed run had left behind and this one found running."""
        self.database.stop()
        if self.database.running_url() is not None:
            first_line = (self.state / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0]
            os.kill(int(first_line), signal.SIGINT)

    async def _start_backend(self) -> None:
        self.report("database schema and demo data")
        environment = self._backend_environment()
        log = self.logs / "backend.log"
        counts = ("--terminals", str(self.options.terminals), "--wallets", str(self.options.wallets))
        seed = kassa("backend", "seed", "--dev", *counts)
        await run_to_end("kassa backend seed", seed, environment, log)
        self.demo = demo_world.load(self.state)
        self.report("backend")
        self._children["backend"] = Child("backend", kassa("backend", "serve"), environment, log)
        self._stops.append(self._children["backend"].stop)
        await self.start_part("backend")
        self.report("rails")
        self._stops.append(self.rails.stop)
        await self.rails.start(self.backend_port, self.logs / "rails.log")

    def _backend_environment(self) -> dict[str, str]:
        return {
            "KASSA_STATE_DIR": str(self.state),
            "KASSA_DATABASE_URL": self.database_url,
            "KASSA_HOST": "127.0.0.1",
            "KASSA_PORT": str(self.backend_port),
            **self.rails.backend_environment(),
            **self.options.backend_environment,
        }

    async def _start_broker(self) -> None:
        from hub.broker.embedded import EmbeddedBroker  # noqa: PLC0415  (heavy: only when a world is started)

        self.broker = EmbeddedBroker(self.state / "broker", self._accounts(), self.options.broker)  # type: ignore[arg-type]
        self.report(f"broker ({self.broker.kind})")
        self._stops.append(lambda: asyncio.to_thread(self.broker.stop))
        await self.start_part("broker")

    def _accounts(self) -> Accounts:
        from hub.broker.accounts import Accounts  # noqa: PLC0415  (belongs to the broker's import)

        path = self.state / "broker-accounts.json"
        wanted = {*self.demo.terminals, self.demo.hub}
        if path.exists():
            known = Accounts.from_file(path)
            if all(name in known for name in wanted):
                return known
        made = Accounts.make(self.demo.terminals, hubs=[self.demo.hub])
        made.to_file(path)
        return made

    async def _start_hub(self) -> None:
        self.report("hub")
        broker_port, backend_port = self.broker.port, self.backend_port
        if self.options.links:
            hub_link = await self._link("hub-broker", lambda: ("127.0.0.1", self.broker.port), mqtt=True)
            backend_link = await self._link("hub-backend", lambda: ("127.0.0.1", self.backend_port))
            broker_port, backend_port = hub_link.port, backend_link.port
        environment = self.hub_environment(broker_port, backend_port)
        (self.state / "hub").mkdir(mode=0o700, exist_ok=True)
        self._hub_probe = JsonClient(f"http://127.0.0.1:{self.hub_port}")
        self._stops.append(self._hub_probe.close)
        self._children["hub"] = Child("hub", kassa("hub", "serve"), environment, self.logs / "hub.log")
        self._stops.append(self._children["hub"].stop)
        await self.start_part("hub")

    def hub_environment(self, broker_port: int = 0, backend_port: int = 0) -> dict[str, str]:
        """The hub's settings; without ports, straight to broker and backend."""
        account = self.broker.accounts[self.demo.hub]
        return {
            "KASSA_HUB_ID": self.demo.hub,
            "KASSA_HUB_CREDENTIAL": self.demo.hub_credential,
            "KASSA_HUB_BROKER_URL": f"mqtt://127.0.0.1:{broker_port or self.broker.port}",
            "KASSA_HUB_BROKER_USER": account.user,
            "KASSA_HUB_BROKER_PASSWORD": account.password,
            "KASSA_HUB_BACKEND_URL": f"http://127.0.0.1:{backend_port or self.backend_port}",
            "KASSA_HUB_SPOOL": str(self.state / "hub" / "spool.sqlite"),
            "KASSA_HUB_HTTP_PORT": str(self.hub_port),
            **self.options.hub_environment,
        }

    async def _link(self, name: str, target: Callable[[], tuple[str, int]], *, mqtt: bool = False) -> LinkProxy:
        link = LinkProxy(name, target, mqtt=mqtt)
        await link.start()
        self.links[name] = link
        self._stops.append(link.stop)
        return link

    async def _start_terminals(self) -> None:
        for name in self.demo.terminals[: self.options.processes]:
            self.report(f"terminal {name}")
            link = await self._link(name, lambda: ("127.0.0.1", self.broker.port), mqtt=True)
            link.tap = self.traffic.tap
            flash = self.state / "flash" / f"{name}.img"
            if not flash.exists():
                await provision.provision(
                    flash, provision.load(self.state, name), self._terminal_broker(name, link.port)
                )
            else:
                await provision.update_broker(flash, self._terminal_broker(name, link.port))
            terminal = Terminal(name, flash)
            self.terminals[name] = terminal
            self._stops.append(terminal.close)
            await terminal.start()
            self._keep_log(terminal)

    def _terminal_broker(self, name: str, port: int) -> dict[str, Any]:
        account = self.broker.accounts[name]
        return {"host": "127.0.0.1", "port": port, "tls": False, "user": account.user, "password": account.password}

    def _keep_log(self, terminal: Terminal) -> None:
        log = (self.logs / f"{terminal.name}.log").open("a", encoding="utf-8", buffering=1)

        def write(event: tuple[str, Any]) -> None:
            if event[0] in {"log", "power"} and not log.closed:
                log.write(f"{event[0]}: {event[1]}\n")

        terminal.listen(write)
        self._stops.insert(0, log.close)

    async def _start_views(self) -> None:
        self.ops = OpsClient(f"http://127.0.0.1:{self.backend_port}", self.demo.staff_user, self.demo.staff_password)
        self._stops.append(self.ops.close)
        for wallet in self.demo.wallets:
            phone = Phone(f"http://127.0.0.1:{self.backend_port}", wallet.number, wallet.password)
            self.phones.append(phone)
            self._stops.append(phone.close)
        if not self.terminals:
            return
        first = next(iter(self.terminals))
        shown = [self.demo.account(name, first) for name in demo_world.ACCOUNTS]
        self.live = Live(self.ops, first, shown, self.hub_state)
        self.traffic.on_change = lambda _message: self.live.poke()
        self._stops.append(self.live.stop)
        self.live.start()
        for phone in self.phones:
            phone.start_listening()

    # -- taking down

    async def stop(self) -> None:
        """Stop everything that was started, last first; one failure does not keep the others running."""
        while self._stops:
            step = self._stops.pop()
            try:
                done = step()
                if asyncio.iscoroutine(done):
                    await done
            except (OSError, SimulatorError, RuntimeError) as error:
                self.report(f"while stopping: {error}")

    # -- parts

    async def start_part(self, name: str) -> None:
        """Start backend, hub or broker (again)."""
        if name == "broker":
            await _whole(self.broker.start)
            self._broker_running = True
            return
        probe = {"backend": self._backend_ready, "hub": self._hub_ready}[name]
        await self._children[name].start(probe)

    async def kill_part(self, name: str) -> None:
        """SIGKILL for backend, hub or broker."""
        if name == "broker":
            await asyncio.to_thread(self.broker.kill)
            self._broker_running = False
            return
        await self._children[name].kill()

    async def power_on(self, terminal: str) -> None:
        """Give a terminal its power back, and its network as the switch says."""
        await self.terminals[terminal].start()
        if self.faults.is_on("cut-network", terminal):
            self.terminals[terminal].switch_network(up=False)

    def parts(self) -> dict[str, bool]:
        """Which parts run."""
        return {
            "broker": self._broker_running and self.broker.pid is not None,
            "hub": self._children["hub"].running,
            "backend": self._children["backend"].running,
            "PostgreSQL": self.database.running_url() is not None,
        }

    def pids(self) -> dict[str, int | None]:
        """Process ids by part, for measuring."""
        return {
            "broker": self.broker.pid,
            "hub": self._children["hub"].pid,
            "backend": self._children["backend"].pid,
            "postgres": self.database.pid,
            "counter": os.getpid(),
        }

    @property
    def ops_url(self) -> str:
        """The staff's operations page."""
        return f"http://127.0.0.1:{self.backend_port}/ops"

    def terminal_link(self, terminal: str) -> LinkProxy:
        """The link between a terminal and the broker."""
        return self.links[terminal]

    @property
    def backend_link(self) -> LinkProxy:
        """The link between hub and backend."""
        return self.links["hub-backend"]

    def mqtt_links(self) -> list[LinkProxy]:
        """Every link that carries MQTT."""
        return [link for name, link in self.links.items() if name != "hub-backend"]

    async def hub_state(self) -> dict[str, Any]:
        """What the hub says of itself; one that is not well says so with status 503 and the same body."""
        health = await _even_unwell(self._hub_probe, "/health")
        spool = await self._hub_probe.get("/spool")
        return {**health, "quarantined": len(spool["quarantine"])}

    async def _hub_ready(self) -> bool:
        """Up and connected to the broker; the backend may be away."""
        with contextlib.suppress(SimulatorError, TimeoutError):
            async with asyncio.timeout(_PROBE_TIMEOUT_S):
                health = await _even_unwell(self._hub_probe, "/health")
                return all(link["up"] for link in health["broker"].values())
        return False

    async def _backend_ready(self) -> bool:
        client = JsonClient(f"http://127.0.0.1:{self.backend_port}")
        try:
            return await _answers(client, "/health")
        finally:
            await client.close()


async def _whole(start: Callable[[], Any]) -> Any:
    """Run a blocking start in a thread; when cancelled, let it finish first, so that there is something to stop."""
    running = asyncio.ensure_future(asyncio.to_thread(start))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await running
        raise


def _empty(state: Path) -> None:
    """Throw away what a world leaves in its folder, by name: the folder may hold what is somebody else's."""
    for name in MADE:
        path = state / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


async def _even_unwell(client: JsonClient, path: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = await client.get(path)
    except ApiError as error:
        if error.status != 503 or "broker" not in error.body:
            raise
        return error.body
    return found


async def _answers(client: JsonClient, path: str) -> bool:
    with contextlib.suppress(SimulatorError, TimeoutError):
        async with asyncio.timeout(_PROBE_TIMEOUT_S):
            await client.get(path)
            return True
    return False
