-- Who hears of every message of a room is asked with each one. Most members of a large room are not among them.
CREATE INDEX member_listens ON member (room, user) WHERE notify = 'all' AND muted = 0;
