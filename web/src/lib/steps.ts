// Steps through the history of the tab, one after the other. One that goes back is finished only when the browser says so by a
// popstate; until then the rest waits.
export class Steps {
  private waiting: (number | (() => void))[] = [];
  private moving = false;

  /** Goes so many entries back or forward, or changes the entry at which one then is. */
  take(step: number | (() => void)): void {
    this.waiting.push(step);
    this.proceed();
  }

  /** The browser has arrived at an entry. False while steps are left: then it is that of none of them. */
  arrived(): boolean {
    const last = this.waiting.length === 0;
    this.moving = false;
    this.proceed();
    return last;
  }

  private proceed(): void {
    while (!this.moving) {
      const next = this.waiting.shift();
      if (next === undefined) return;
      if (typeof next === "function") next();
      else {
        this.moving = true;
        history.go(next);
      }
    }
  }
}
