import { MessageChannel } from "node:worker_threads";

/** Has `message` arrive at this thread as one of another thread would. Resolves once `read` has read it. */
export function arrives<Message>(message: Message, read: (message: Message) => void): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const done = new Promise<void>((resolve) => {
    port1.once("message", (value: Message) => {
      read(value);
      port1.close();
      resolve();
    });
  });
  port2.postMessage(message);
  return done;
}

/**
 * This thread stands still for so long after `last`, and then runs what is due before it reads what has arrived, as the event
 * loop does.
 */
export function stall<T>(ms: number, last: () => T): Promise<T> {
  return new Promise((resolve) => {
    setImmediate(() => {
      const result = last();
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
      resolve(result);
    });
  });
}
