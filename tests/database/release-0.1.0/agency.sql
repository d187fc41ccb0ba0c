BEGIN TRANSACTION;
CREATE TABLE agency_asked (
	round_id VARCHAR(32) NOT NULL, 
	reference TEXT NOT NULL, 
	definitions TEXT NOT NULL, 
	PRIMARY KEY (round_id)
);
INSERT INTO "agency_asked" VALUES('1round_id','第1项 reference','第1项 definitions');
INSERT INTO "agency_asked" VALUES('2round_id','第2项 reference','第2项 definitions');
CREATE TABLE agency_decisions (
	round_id VARCHAR(32) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	requester VARCHAR(64) NOT NULL, 
	purpose TEXT NOT NULL, 
	datasets TEXT NOT NULL, 
	grants TEXT NOT NULL, 
	preview TEXT NOT NULL, 
	advice TEXT NOT NULL, 
	state VARCHAR(12) NOT NULL, 
	decided_by TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	seen_at VARCHAR(20) NOT NULL, 
	decided_at VARCHAR(20) NOT NULL, 
	expires_at VARCHAR(20) NOT NULL, 
	PRIMARY KEY (round_id)
);
INSERT INTO "agency_decisions" VALUES('1round_id','1digest','1requester','第1项 purpose','第1项 datasets','第1项 grants','第1项 preview','第1项 advice','1state','第1项 decided_by','第1项 reason','1seen_at','1decided_at','1expires_at');
INSERT INTO "agency_decisions" VALUES('2round_id','2digest','2requester','第2项 purpose','第2项 datasets','第2项 grants','第2项 preview','第2项 advice','2state','第2项 decided_by','第2项 reason','2seen_at','2decided_at','2expires_at');
CREATE TABLE agency_releases (
	relay_id VARCHAR(32) NOT NULL, 
	sender VARCHAR(64) NOT NULL, 
	round_id VARCHAR(32) NOT NULL, 
	request TEXT NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	given BOOLEAN NOT NULL, 
	advice TEXT NOT NULL, 
	decided_by TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	received_at VARCHAR(20) NOT NULL, 
	decided_at VARCHAR(20) NOT NULL, 
	PRIMARY KEY (relay_id)
);
INSERT INTO "agency_releases" VALUES('1relay_id','1sender','1round_id','第1项 request','1state',1,'第1项 advice','第1项 decided_by','第1项 reason','1received_at','1decided_at');
INSERT INTO "agency_releases" VALUES('2relay_id','2sender','2round_id','第2项 request','2state',0,'第2项 advice','第2项 decided_by','第2项 reason','2received_at','2decided_at');
CREATE TABLE agency_risks (
	dataset VARCHAR(64) NOT NULL, 
	as_of VARCHAR(10) NOT NULL, 
	schema_digest VARCHAR(64) NOT NULL, 
	found TEXT NOT NULL, 
	people INTEGER NOT NULL, 
	measured_at VARCHAR(20) NOT NULL, 
	PRIMARY KEY (dataset, as_of, schema_digest)
);
INSERT INTO "agency_risks" VALUES('1dataset','1as_of','1schema_digest','第1项 found',1,'1measured_at');
INSERT INTO "agency_risks" VALUES('2dataset','2as_of','2schema_digest','第2项 found',2,'2measured_at');
CREATE TABLE owner_cursor (
	sequence BIGINT NOT NULL
);
INSERT INTO "owner_cursor" VALUES(1);
INSERT INTO "owner_cursor" VALUES(2);
CREATE TABLE owner_outbox (
	number INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	message BLOB NOT NULL, 
	sent BOOLEAN NOT NULL, 
	fault TEXT NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "owner_outbox" VALUES(1,'1kind',X'01010101',1,'第1项 fault');
INSERT INTO "owner_outbox" VALUES(2,'2kind',X'02020202',0,'第2项 fault');
CREATE TABLE owner_rounds (
	round_id VARCHAR(32) NOT NULL, 
	digest BLOB NOT NULL, 
	envelope BLOB NOT NULL, 
	step VARCHAR(12) NOT NULL, 
	seen_at VARCHAR(20) NOT NULL, 
	decision BLOB NOT NULL, 
	decision_sent BOOLEAN NOT NULL, 
	consents BLOB NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	reason TEXT NOT NULL, 
	delivered_at VARCHAR(20) NOT NULL, 
	erase BOOLEAN NOT NULL, 
	statement BLOB NOT NULL, 
	statement_sent BOOLEAN NOT NULL, 
	fault TEXT NOT NULL, 
	PRIMARY KEY (round_id)
);
INSERT INTO "owner_rounds" VALUES('1round_id',X'01010101',X'01010101','1step','1seen_at',X'01010101',1,X'01010101','1state','第1项 reason','1delivered_at',1,X'01010101',1,'第1项 fault');
INSERT INTO "owner_rounds" VALUES('2round_id',X'02020202',X'02020202','2step','2seen_at',X'02020202',0,X'02020202','2state','第2项 reason','2delivered_at',0,X'02020202',0,'第2项 fault');
CREATE TABLE owner_uploads (
	round_id VARCHAR(32) NOT NULL, 
	population VARCHAR(64) NOT NULL, 
	rows BIGINT NOT NULL, 
	row_bytes INTEGER NOT NULL, 
	content_digest BLOB NOT NULL, 
	sealed_upload_key BLOB NOT NULL, 
	check_value BLOB NOT NULL, 
	golden_digest BLOB NOT NULL, 
	sealed BOOLEAN NOT NULL, 
	PRIMARY KEY (round_id, population)
);
INSERT INTO "owner_uploads" VALUES('1round_id','1population',1,1,X'01010101',X'01010101',X'01010101',X'01010101',1);
INSERT INTO "owner_uploads" VALUES('2round_id','2population',2,2,X'02020202',X'02020202',X'02020202',X'02020202',0);
CREATE TABLE referral_inbox (
	relay_id VARCHAR(32) NOT NULL, 
	sender VARCHAR(64) NOT NULL, 
	round_id VARCHAR(32) NOT NULL, 
	referral VARCHAR(24) NOT NULL, 
	number TEXT NOT NULL, 
	title TEXT NOT NULL, 
	expected TEXT NOT NULL, 
	envelope BLOB NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	told VARCHAR(10) NOT NULL, 
	reason TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	received_at VARCHAR(20) NOT NULL, 
	changed_at VARCHAR(20) NOT NULL, 
	item TEXT NOT NULL, 
	day VARCHAR(10) NOT NULL, 
	band TEXT NOT NULL, 
	PRIMARY KEY (relay_id), 
	UNIQUE (sender, referral)
);
INSERT INTO "referral_inbox" VALUES('1relay_id','1sender','1round_id','1referral','第1项 number','第1项 title','第1项 expected',X'01010101','1state','1told','第1项 reason','第1项 by','1received_at','1changed_at','第1项 item','1day','第1项 band');
INSERT INTO "referral_inbox" VALUES('2relay_id','2sender','2round_id','2referral','第2项 number','第2项 title','第2项 expected',X'02020202','2state','2told','第2项 reason','第2项 by','2received_at','2changed_at','第2项 item','2day','第2项 band');
COMMIT;
