// Package chat says what Canteen is: the types, rules, use cases, events and ports of a company's group chat.
//
// Three guarantees rest here and are kept by every store and every door:
//
//   - Rules live once, in this package. A use case takes an [Actor]; there is no way to obtain a room or a message
//     without one, so what an actor may not see is not there.
//   - A storage command is atomic and restates the [Facts] its permission rested on. The rules decide whether, the store
//     guarantees together; when a fact no longer holds the store answers [ErrStale] and the rules decide afresh.
//   - Every change of a room takes its next revision, and the store announces its commits, in order, after they are
//     durable. Delivery to connected clients is at most once; correctness never depends on it.
//
// The package imports the standard library, package text, and packages of pure functions: audience, audit, card,
// emojiname, poll, proof, quiet, section, settings, thread, vital.
package chat
