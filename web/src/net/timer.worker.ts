// Ticks once a second. Browsers slow the timers of a hidden tab down to one a minute, but not those of a worker.
setInterval(() => postMessage(0), 1000);
