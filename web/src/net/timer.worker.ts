// Hidden tabs throttle their timers to one a minute; a worker's run on. It ticks once a second.
setInterval(() => postMessage(0), 1000);
