// Turns order what no revision orders. Each change that takes no revision adds one turn to its room, or to the directory.
// An answer that was asked for before the latest turn is old.

/** The turns of each room, by room id, and of the directory, under DIRECTORY. */
export type Turns = Map<string, number>;

export const DIRECTORY = "users";

export const turn = (turns: ReadonlyMap<string, number>, of: string): number => turns.get(of) ?? 0;
export const turned = (turns: Turns, of: string): void => void turns.set(of, turn(turns, of) + 1);
