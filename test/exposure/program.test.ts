import { spawn } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { systemPrograms, type Programs } from "../../src/exposure/program.ts";
import { run } from "../../src/exposure/run.ts";
import { virtualClock } from "../support/clock.ts";
import { machine } from "./machine.ts";
import { isAlive, passing, realClock, until } from "./world.ts";

const programs: Programs = systemPrograms(realClock, { PATH: "/usr/bin:/bin" });
const sh = (script: string) => ({
  program: "sh",
  path: "/bin/sh",
  args: ["-c", script],
  limitMs: 60_000,
});
const deps = { programs, clock: realClock };

describe("a program on this machine", () => {
  it("is found on PATH, and only what can be executed", async () => {
    expect(await programs.find("sh")).toMatch(/^\/(?:usr\/)?bin\/sh$/u);
    expect(await programs.find("no-such-program-here")).toBeNull();
    expect(await systemPrograms(realClock, {}).find("sh")).toBeNull();
    expect(await systemPrograms(realClock, { PATH: "/etc" }).find("passwd")).toBeNull();
  });

  it("is run to its end: output, complaints and exit code", async () => {
    const result = await run(sh("echo one; echo two; echo wrong >&2; exit 3"), deps);
    expect(result).toEqual({ ok: false, how: "exit code 3", stdout: "one\ntwo", stderr: ["wrong"] });
    expect(await run(sh("exit 0"), deps)).toMatchObject({ ok: true, how: "exit code 0" });
  });

  it("gets its arguments as they are, whatever is in them", async () => {
    const odd = ["a b", "$HOME", "`id`", "'", '"', "", "\\", "-c"];
    const result = await run(
      { ...sh('printf "<%s>\\n" "$@"'), args: ["-c", 'printf "<%s>\\n" "$@"', "x", ...odd] },
      deps,
    );
    expect(result.stdout.split("\n")).toEqual(odd.map((word) => `<${word}>`));
  });

  it("has nothing to read", async () => {
    expect(await run(sh("read -r word || echo nothing"), deps)).toMatchObject({ stdout: "nothing" });
  });

  it("sees its own environment and what is added for it alone", async () => {
    const heard: string[] = [];
    const hear = (line: string) => void heard.push(line);
    const start = (extra?: Record<string, string>) =>
      programs.start("/bin/sh", ["-c", 'echo "<$SECRET>"'], { stdout: hear, stderr: hear }, extra);
    await start({ SECRET: "word" }).ended;
    await start().ended;
    expect(heard).toEqual(["<word>", "<>"]);
  });

  it("that says a lot is kept within bounds", async () => {
    const script =
      "i=0; while [ $i -lt 300 ]; do echo $i >&2; i=$((i+1)); done; head -c 5000000 /dev/zero | tr '\\0' 'a'";
    const result = await run(sh(script), deps);
    expect(result.stdout.length).toBeLessThanOrEqual(1_000_000);
    expect(result.stderr).toHaveLength(20);
    expect(result.stderr.at(-1)).toBe("299");
  });

  it("that cannot be started says so", async () => {
    const running = systemPrograms(realClock, {}).start("/no/such/file", [], {
      stdout: () => {},
      stderr: () => {},
    });
    expect(await running.ended).toMatchObject({ ok: false });
    await running.stop();
  });
});

describe("ending a program", () => {
  it("ends all that it has started, also what does not listen to SIGTERM", async () => {
    const clock = virtualClock();
    const on = await machine({ clock });
    on.behave("cloudflared", { stubborn: true, descendant: true });
    const exposure = await on.open({ way: "cloudflared" });
    const { pid, descendant } = on.farEnd("cloudflared") ?? { pid: 0, descendant: null };
    expect([isAlive(pid), isAlive(descendant ?? 0)]).toEqual([true, true]);
    await passing(clock, exposure.close());
    await until(() => !isAlive(pid) && !isAlive(descendant ?? 0));
    expect(clock.pending).toBe(0);
  });

  it("needs no waiting when it listens", async () => {
    const clock = virtualClock();
    const on = await machine({ clock });
    const exposure = await on.open({ way: "cloudflared" });
    await exposure.close();
    expect(clock.pending).toBe(0);
  });
});

describe("a gateway that dies without a word", () => {
  it("takes its tunnel with it", async () => {
    const on = await machine();
    const script = join(import.meta.dirname, "stand-ins", "gateway.ts");
    const env = {
      PATH: join(on.state, "..", "bin"),
      STAND_IN_STATE: on.state,
      PORT: `${on.order.local.port}`,
    };
    const gateway = spawn(process.execPath, [script], { env, stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve) => gateway.stdout.once("data", resolve));
    const { pid } = on.farEnd("cloudflared") ?? { pid: 0 };
    expect(isAlive(pid)).toBe(true);
    gateway.kill("SIGKILL");
    await until(() => !isAlive(pid));
  });
});
