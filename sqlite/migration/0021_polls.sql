-- How people voted in the poll of a message, as JSON; see chat.Tally. Most messages have no poll.
ALTER TABLE message ADD COLUMN tally TEXT NOT NULL DEFAULT '';

-- One row for each user who voted.
CREATE TABLE vote (
	room    TEXT NOT NULL,
	seq     INTEGER NOT NULL,
	user    TEXT NOT NULL,
	options INTEGER NOT NULL, -- a bit for each option
	rev     INTEGER NOT NULL, -- of the room at the vote: the order of voters
	PRIMARY KEY (room, seq, user)
) STRICT, WITHOUT ROWID;
