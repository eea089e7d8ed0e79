// One person's network: a TCP relay to the server that can be cut like a cable and mended again. The browser still
// sees the server's own address (host-resolver-rules in person.ts), so origins and cookies are the real ones.
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export class Tunnel {
  private readonly sockets = new Set<Socket>();
  private cutOff = false;

  private constructor(private readonly relay: Server) {}

  static async to(port: number, name: string): Promise<Tunnel> {
    const host = /^localhost$|\.test$/.test(name) ? "127.0.0.1" : name; // no name of a home ends in .test (RFC 6761)
    const relay = createServer({ noDelay: true });
    const tunnel = new Tunnel(relay);
    relay.on("connection", (near) => tunnel.join(near, { port, host }));
    await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
    return tunnel;
  }

  get port(): number {
    return (this.relay.address() as AddressInfo).port;
  }

  /** Drops what is open and refuses what comes. */
  cut(): void {
    this.cutOff = true;
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  mend(): void {
    this.cutOff = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.relay.close(resolve));
  }

  private join(near: Socket, target: { port: number; host: string }): void {
    if (this.cutOff) {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ ...target, noDelay: true });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(socket);
      // An end that breaks takes the other with it, as a cable does; the browser's view of it is what is tested.
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    near.pipe(far).pipe(near);
  }
}
