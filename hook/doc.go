// Package hook understands what other systems send to an incoming webhook: the bodies that Slack's incoming webhooks take. [Decode] turns a
// body into a text, cards and the label of the sender. It is tolerant where senders are careless (unknown fields, numbers in place of
// texts, "1" and 1 and true alike, raw control characters in strings), and strict about sizes: at most [MaxBody] bytes and eight objects
// within each other. What it does not understand is shown by its text or its fallback. It is pure; its time is linear in the size of the
// body.
package hook
