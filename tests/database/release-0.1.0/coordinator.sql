BEGIN TRANSACTION;
CREATE TABLE checkpoints (
	party VARCHAR(64) NOT NULL, 
	new_size BIGINT NOT NULL, 
	old_size BIGINT NOT NULL, 
	note TEXT NOT NULL, 
	proof BLOB NOT NULL, 
	PRIMARY KEY (party, new_size)
);
INSERT INTO "checkpoints" VALUES('1party',1,1,'第1项 note',X'01010101');
INSERT INTO "checkpoints" VALUES('2party',2,2,'第2项 note',X'02020202');
CREATE TABLE cosignatures (
	number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	party VARCHAR(64) NOT NULL, 
	size BIGINT NOT NULL, 
	witness VARCHAR(64) NOT NULL, 
	line TEXT NOT NULL, 
	UNIQUE (party, size, witness)
);
INSERT INTO "cosignatures" VALUES(1,'1party',1,'1witness','第1项 line');
INSERT INTO "cosignatures" VALUES(2,'2party',2,'2witness','第2项 line');
CREATE TABLE decisions (
	round_id VARCHAR(32) NOT NULL, 
	owner VARCHAR(64) NOT NULL, 
	decision VARCHAR(8) NOT NULL, 
	envelope BLOB NOT NULL, 
	PRIMARY KEY (round_id, owner), 
	FOREIGN KEY(round_id) REFERENCES rounds (id)
);
INSERT INTO "decisions" VALUES('1id','1owner','1decisio',X'01010101');
INSERT INTO "decisions" VALUES('2id','2owner','2decisio',X'02020202');
CREATE TABLE deletions (
	round_id VARCHAR(32) NOT NULL, 
	party VARCHAR(64) NOT NULL, 
	envelope BLOB NOT NULL, 
	PRIMARY KEY (round_id, party), 
	FOREIGN KEY(round_id) REFERENCES rounds (id)
);
INSERT INTO "deletions" VALUES('1id','1party',X'01010101');
INSERT INTO "deletions" VALUES('2id','2party',X'02020202');
CREATE TABLE events (
	sequence INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	recipient VARCHAR(64) NOT NULL, 
	round_id VARCHAR(32) NOT NULL, 
	at_ms BIGINT NOT NULL, 
	body BLOB NOT NULL
);
INSERT INTO "events" VALUES(1,'1recipient','1round_id',1,X'01010101');
INSERT INTO "events" VALUES(2,'2recipient','2round_id',2,X'02020202');
CREATE TABLE relays (
	id VARCHAR(32) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	sender VARCHAR(64) NOT NULL, 
	receiver VARCHAR(64) NOT NULL, 
	in_reply_to VARCHAR(32) NOT NULL, 
	round_id VARCHAR(32) NOT NULL, 
	digest BLOB NOT NULL, 
	sequence INTEGER NOT NULL, 
	at_ms BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "relays" VALUES('1id','1kind','1sender','1receiver','1in_reply_to','1round_id',X'01010101',1,1);
INSERT INTO "relays" VALUES('2id','2kind','2sender','2receiver','2in_reply_to','2round_id',X'02020202',2,2);
CREATE TABLE rounds (
	id VARCHAR(32) NOT NULL, 
	requester VARCHAR(64) NOT NULL, 
	warrant BLOB NOT NULL, 
	warrant_digest BLOB NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	reason TEXT NOT NULL, 
	reason_party VARCHAR(64) NOT NULL, 
	result_digest BLOB NOT NULL, 
	result_bytes BIGINT NOT NULL, 
	expires_ms BIGINT NOT NULL, 
	proposed_ms BIGINT NOT NULL, 
	changed_ms BIGINT NOT NULL, 
	erased BOOLEAN NOT NULL, 
	check_value BLOB NOT NULL, 
	golden_digest BLOB NOT NULL, 
	check_party VARCHAR(64) NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "rounds" VALUES('1id','1requester',X'01010101',X'01010101','1state','第1项 reason','1reason_party',X'01010101',1,1,1,1,1,X'01010101',X'01010101','1check_party');
INSERT INTO "rounds" VALUES('2id','2requester',X'02020202',X'02020202','2state','第2项 reason','2reason_party',X'02020202',2,2,2,2,0,X'02020202',X'02020202','2check_party');
CREATE TABLE uploads (
	round_id VARCHAR(32) NOT NULL, 
	population VARCHAR(64) NOT NULL, 
	owner VARCHAR(64) NOT NULL, 
	rows BIGINT NOT NULL, 
	row_bytes INTEGER NOT NULL, 
	content_digest BLOB NOT NULL, 
	sealed_upload_key BLOB NOT NULL, 
	"offset" BIGINT NOT NULL, 
	sealed BOOLEAN NOT NULL, 
	PRIMARY KEY (round_id, population), 
	FOREIGN KEY(round_id) REFERENCES rounds (id)
);
INSERT INTO "uploads" VALUES('1id','1population','1owner',1,1,X'01010101',X'01010101',1,1);
INSERT INTO "uploads" VALUES('2id','2population','2owner',2,2,X'02020202',X'02020202',2,0);
CREATE INDEX events_of ON events (recipient, sequence);
CREATE INDEX relays_of ON relays (sender, at_ms);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('cosignatures',2);
INSERT INTO "sqlite_sequence" VALUES('events',2);
COMMIT;
