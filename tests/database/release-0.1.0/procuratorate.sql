BEGIN TRANSACTION;
CREATE TABLE award_approvals (
	number INTEGER NOT NULL, 
	award_id VARCHAR(16) NOT NULL, 
	subject TEXT NOT NULL, 
	role TEXT NOT NULL, 
	person TEXT NOT NULL, 
	given_on VARCHAR(10) NOT NULL, 
	up_to TEXT NOT NULL, 
	ground TEXT NOT NULL, 
	proposal VARCHAR(64) NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "award_approvals" VALUES(1,'1award_id','第1项 subject','第1项 role','第1项 person','1given_on','第1项 up_to','第1项 ground','1proposal');
INSERT INTO "award_approvals" VALUES(2,'2award_id','第2项 subject','第2项 role','第2项 person','2given_on','第2项 up_to','第2项 ground','2proposal');
CREATE TABLE award_budgets (
	number INTEGER NOT NULL, 
	year INTEGER NOT NULL, 
	amount TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	at VARCHAR(20) NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "award_budgets" VALUES(1,1,'第1项 amount','第1项 reason','第1项 by','1at');
INSERT INTO "award_budgets" VALUES(2,2,'第2项 amount','第2项 reason','第2项 by','2at');
CREATE TABLE awards (
	number INTEGER NOT NULL, 
	award_id VARCHAR(16) NOT NULL, 
	clue_id VARCHAR(16) NOT NULL, 
	case_number TEXT NOT NULL, 
	state VARCHAR(12) NOT NULL, 
	inputs BLOB NOT NULL, 
	set_by_officer TEXT NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	report TEXT NOT NULL, 
	proposed_amount TEXT NOT NULL, 
	proposed_by TEXT NOT NULL, 
	proposed_at VARCHAR(20) NOT NULL, 
	year INTEGER NOT NULL, 
	amount TEXT NOT NULL, 
	approved_digest VARCHAR(64) NOT NULL, 
	reasons TEXT NOT NULL, 
	decided_case TEXT NOT NULL, 
	ended_by TEXT NOT NULL, 
	ended_at VARCHAR(20) NOT NULL, 
	refusal TEXT NOT NULL, 
	paid_on VARCHAR(10) NOT NULL, 
	paid_by TEXT NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (award_id)
);
INSERT INTO "awards" VALUES(1,'1award_id','1clue_id','第1项 case_number','1state',X'01010101','第1项 set_by_officer','1digest','第1项 report','第1项 proposed_amount','第1项 proposed_by','1proposed_at',1,'第1项 amount','1approved_digest','第1项 reasons','第1项 decided_case','第1项 ended_by','1ended_at','第1项 refusal','1paid_on','第1项 paid_by');
INSERT INTO "awards" VALUES(2,'2award_id','2clue_id','第2项 case_number','2state',X'02020202','第2项 set_by_officer','2digest','第2项 report','第2项 proposed_amount','第2项 proposed_by','2proposed_at',2,'第2项 amount','2approved_digest','第2项 reasons','第2项 decided_case','第2项 ended_by','2ended_at','第2项 refusal','2paid_on','第2项 paid_by');
CREATE TABLE clue_checks (
	number INTEGER NOT NULL, 
	clue_id VARCHAR(16) NOT NULL, 
	model TEXT NOT NULL, 
	grade VARCHAR(1) NOT NULL, 
	round_id VARCHAR(32) NOT NULL, 
	person VARCHAR(8) NOT NULL, 
	link VARCHAR(8) NOT NULL, 
	facts VARCHAR(8) NOT NULL, 
	helped VARCHAR(8) NOT NULL, 
	searched VARCHAR(8) NOT NULL, 
	"by" TEXT NOT NULL, 
	at VARCHAR(20) NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "clue_checks" VALUES(1,'1clue_id','第1项 model','1','1round_id','1person','1link','1facts','1helped','1searche','第1项 by','1at');
INSERT INTO "clue_checks" VALUES(2,'2clue_id','第2项 model','2','2round_id','2person','2link','2facts','2helped','2searche','第2项 by','2at');
CREATE TABLE clue_steps (
	number INTEGER NOT NULL, 
	clue_id VARCHAR(16) NOT NULL, 
	action VARCHAR(16) NOT NULL, 
	phase VARCHAR(16) NOT NULL, 
	"by" TEXT NOT NULL, 
	at VARCHAR(20) NOT NULL, 
	reason TEXT NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "clue_steps" VALUES(1,'1clue_id','1action','1phase','第1项 by','1at','第1项 reason');
INSERT INTO "clue_steps" VALUES(2,'2clue_id','2action','2phase','第2项 by','2at','第2项 reason');
CREATE TABLE clue_work (
	clue_id VARCHAR(16) NOT NULL, 
	found_at VARCHAR(20) NOT NULL, 
	since VARCHAR(20) NOT NULL, 
	officer TEXT NOT NULL, 
	deferred_until VARCHAR(10) NOT NULL, 
	watched BOOLEAN NOT NULL, 
	needs TEXT NOT NULL, 
	elements TEXT DEFAULT '[]' NOT NULL, 
	explained BOOLEAN DEFAULT 1 NOT NULL, 
	PRIMARY KEY (clue_id)
);
INSERT INTO "clue_work" VALUES('1clue_id','1found_at','1since','第1项 officer','1deferred_',1,'第1项 needs','第1项 elements',1);
INSERT INTO "clue_work" VALUES('2clue_id','2found_at','2since','第2项 officer','2deferred_',0,'第2项 needs','第2项 elements',0);
CREATE TABLE clues (
	clue_id VARCHAR(16) NOT NULL, 
	model TEXT NOT NULL, 
	case_number TEXT NOT NULL, 
	level VARCHAR(8) NOT NULL, 
	rows TEXT NOT NULL, 
	people TEXT NOT NULL, 
	verdict VARCHAR(12) NOT NULL, 
	grade VARCHAR(1) NOT NULL, 
	tags TEXT NOT NULL, 
	links TEXT NOT NULL, 
	facts TEXT NOT NULL, 
	colouring TEXT NOT NULL, 
	status VARCHAR(12) NOT NULL, 
	change VARCHAR(8) NOT NULL, 
	first_round VARCHAR(32) NOT NULL, 
	last_round VARCHAR(32) NOT NULL, 
	decided_by TEXT NOT NULL, 
	decided_at VARCHAR(20) NOT NULL, 
	decision_reason TEXT NOT NULL, 
	PRIMARY KEY (clue_id)
);
INSERT INTO "clues" VALUES('1clue_id','第1项 model','第1项 case_number','1level','第1项 rows','第1项 people','1verdict','1','第1项 tags','第1项 links','第1项 facts','第1项 colouring','1status','1change','1first_round','1last_round','第1项 decided_by','1decided_at','第1项 decision_reason');
INSERT INTO "clues" VALUES('2clue_id','第2项 model','第2项 case_number','2level','第2项 rows','第2项 people','2verdict','2','第2项 tags','第2项 links','第2项 facts','第2项 colouring','2status','2change','2first_round','2last_round','第2项 decided_by','2decided_at','第2项 decision_reason');
CREATE TABLE handovers (
	clue_id VARCHAR(16) NOT NULL, 
	department TEXT NOT NULL, 
	reason VARCHAR(12) NOT NULL, 
	note TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	at VARCHAR(20) NOT NULL, 
	PRIMARY KEY (clue_id)
);
INSERT INTO "handovers" VALUES('1clue_id','第1项 department','1reason','第1项 note','第1项 by','1at');
INSERT INTO "handovers" VALUES('2clue_id','第2项 department','2reason','第2项 note','第2项 by','2at');
CREATE TABLE messages (
	relay_id VARCHAR(32) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	clue_id VARCHAR(16) NOT NULL, 
	round_id VARCHAR(32) NOT NULL, 
	receiver TEXT NOT NULL, 
	about TEXT NOT NULL, 
	asked_by TEXT NOT NULL, 
	asked_at VARCHAR(20) NOT NULL, 
	state VARCHAR(12) NOT NULL, 
	reason TEXT NOT NULL, 
	answer BLOB NOT NULL, 
	answered_at VARCHAR(20) NOT NULL, 
	PRIMARY KEY (relay_id)
);
INSERT INTO "messages" VALUES('1relay_id','1kind','1clue_id','1round_id','第1项 receiver','第1项 about','第1项 asked_by','1asked_at','1state','第1项 reason',X'01010101','1answered_at');
INSERT INTO "messages" VALUES('2relay_id','2kind','2clue_id','2round_id','第2项 receiver','第2项 about','第2项 asked_by','2asked_at','2state','第2项 reason',X'02020202','2answered_at');
CREATE TABLE openings (
	opening_id VARCHAR(16) NOT NULL, 
	clue_id VARCHAR(16) NOT NULL, 
	requested_by TEXT NOT NULL, 
	requested_at VARCHAR(20) NOT NULL, 
	reason TEXT NOT NULL, 
	approved_by TEXT NOT NULL, 
	approved_at VARCHAR(20) NOT NULL, 
	persons INTEGER NOT NULL, 
	PRIMARY KEY (opening_id)
);
INSERT INTO "openings" VALUES('1opening_id','1clue_id','第1项 requested_by','1requested_at','第1项 reason','第1项 approved_by','1approved_at',1);
INSERT INTO "openings" VALUES('2opening_id','2clue_id','第2项 requested_by','2requested_at','第2项 reason','第2项 approved_by','2approved_at',2);
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
CREATE TABLE referral_steps (
	number INTEGER NOT NULL, 
	referral_id VARCHAR(24) NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	at VARCHAR(20) NOT NULL, 
	"by" TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "referral_steps" VALUES(1,'1referral_id','1state','1at','第1项 by','第1项 reason');
INSERT INTO "referral_steps" VALUES(2,'2referral_id','2state','2at','第2项 by','第2项 reason');
CREATE TABLE referrals (
	referral_id VARCHAR(24) NOT NULL, 
	clue_id VARCHAR(16) NOT NULL, 
	person INTEGER NOT NULL, 
	unit TEXT NOT NULL, 
	party TEXT NOT NULL, 
	service TEXT NOT NULL, 
	need TEXT NOT NULL, 
	fields TEXT NOT NULL, 
	sealed BLOB NOT NULL, 
	cautions TEXT NOT NULL, 
	basis TEXT NOT NULL, 
	days INTEGER NOT NULL, 
	expected TEXT NOT NULL, 
	outcome_tags TEXT NOT NULL, 
	tags_before TEXT NOT NULL, 
	catalogue VARCHAR(64) NOT NULL, 
	letter TEXT NOT NULL, 
	letter_year INTEGER NOT NULL, 
	letter_number INTEGER NOT NULL, 
	letter_digest VARCHAR(64) NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	drafted_by TEXT NOT NULL, 
	approved_by TEXT NOT NULL, 
	relay_id VARCHAR(32) NOT NULL, 
	sent_at VARCHAR(20) NOT NULL, 
	due VARCHAR(10) NOT NULL, 
	reason TEXT NOT NULL, 
	item TEXT NOT NULL, 
	done_on VARCHAR(10) NOT NULL, 
	band TEXT NOT NULL, 
	evidence TEXT NOT NULL, 
	PRIMARY KEY (referral_id)
);
INSERT INTO "referrals" VALUES('1referral_id','1clue_id',1,'第1项 unit','第1项 party','第1项 service','第1项 need','第1项 fields',X'01010101','第1项 cautions','第1项 basis',1,'第1项 expected','第1项 outcome_tags','第1项 tags_before','1catalogue','第1项 letter',1,1,'1letter_digest','1state','第1项 drafted_by','第1项 approved_by','1relay_id','1sent_at','1due','第1项 reason','第1项 item','1done_on','第1项 band','第1项 evidence');
INSERT INTO "referrals" VALUES('2referral_id','2clue_id',2,'第2项 unit','第2项 party','第2项 service','第2项 need','第2项 fields',X'02020202','第2项 cautions','第2项 basis',2,'第2项 expected','第2项 outcome_tags','第2项 tags_before','2catalogue','第2项 letter',2,2,'2letter_digest','2state','第2项 drafted_by','第2项 approved_by','2relay_id','2sent_at','2due','第2项 reason','第2项 item','2done_on','第2项 band','第2项 evidence');
CREATE TABLE rule_files (
	change_id VARCHAR(16) NOT NULL, 
	number INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	rule_key TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	content BLOB NOT NULL, 
	replaced BLOB NOT NULL, 
	effect TEXT NOT NULL, 
	requested_by TEXT NOT NULL, 
	requested_at VARCHAR(20) NOT NULL, 
	approved_by TEXT NOT NULL, 
	approved_at VARCHAR(20) NOT NULL, 
	state VARCHAR(12) NOT NULL, 
	PRIMARY KEY (change_id)
);
INSERT INTO "rule_files" VALUES('1change_id',1,'1kind','第1项 rule_key',1,'1digest',X'01010101',X'01010101','第1项 effect','第1项 requested_by','1requested_at','第1项 approved_by','1approved_at','1state');
INSERT INTO "rule_files" VALUES('2change_id',2,'2kind','第2项 rule_key',2,'2digest',X'02020202',X'02020202','第2项 effect','第2项 requested_by','2requested_at','第2项 approved_by','2approved_at','2state');
CREATE TABLE screening_anchors (
	round_id VARCHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	person VARCHAR(16) NOT NULL, 
	context TEXT NOT NULL, 
	case_number TEXT NOT NULL, 
	scope BIGINT NOT NULL, 
	rows TEXT NOT NULL, 
	PRIMARY KEY (round_id, number)
);
INSERT INTO "screening_anchors" VALUES('1round_id',1,'1person','第1项 context','第1项 case_number',1,'第1项 rows');
INSERT INTO "screening_anchors" VALUES('2round_id',2,'2person','第2项 context','第2项 case_number',2,'第2项 rows');
CREATE TABLE screening_asked_people (
	round_id VARCHAR(32) NOT NULL, 
	fingerprint BLOB NOT NULL, 
	scope BIGINT NOT NULL, 
	PRIMARY KEY (round_id, fingerprint)
);
INSERT INTO "screening_asked_people" VALUES('1round_id',X'01010101',1);
INSERT INTO "screening_asked_people" VALUES('2round_id',X'02020202',2);
CREATE TABLE screening_requests (
	round_id VARCHAR(32) NOT NULL, 
	models TEXT NOT NULL, 
	reference TEXT NOT NULL, 
	requested_by TEXT NOT NULL, 
	requested_at VARCHAR(20) NOT NULL, 
	approved_by TEXT NOT NULL, 
	approved_at VARCHAR(20) NOT NULL, 
	envelope BLOB NOT NULL, 
	wanted BOOLEAN NOT NULL, 
	proposed BOOLEAN NOT NULL, 
	cancel_reason TEXT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	reason TEXT NOT NULL, 
	counts TEXT NOT NULL, 
	delivered_at VARCHAR(20) NOT NULL, 
	fault TEXT NOT NULL, 
	PRIMARY KEY (round_id)
);
INSERT INTO "screening_requests" VALUES('1round_id','第1项 models','第1项 reference','第1项 requested_by','1requested_at','第1项 approved_by','1approved_at',X'01010101',1,1,'第1项 cancel_reason','1state','第1项 reason','第1项 counts','1delivered_at','第1项 fault');
INSERT INTO "screening_requests" VALUES('2round_id','第2项 models','第2项 reference','第2项 requested_by','2requested_at','第2项 approved_by','2approved_at',X'02020202',0,0,'第2项 cancel_reason','2state','第2项 reason','第2项 counts','2delivered_at','第2项 fault');
CREATE TABLE searches (
	round_id VARCHAR(32) NOT NULL, 
	asked_row TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	asked_by TEXT NOT NULL, 
	asked_at VARCHAR(20) NOT NULL, 
	people INTEGER NOT NULL, 
	result TEXT NOT NULL, 
	PRIMARY KEY (round_id)
);
INSERT INTO "searches" VALUES('1round_id','第1项 asked_row','第1项 reason','第1项 asked_by','1asked_at',1,'第1项 result');
INSERT INTO "searches" VALUES('2round_id','第2项 asked_row','第2项 reason','第2项 asked_by','2asked_at',2,'第2项 result');
CREATE TABLE set_aside (
	clue_id VARCHAR(16) NOT NULL, 
	model TEXT NOT NULL, 
	case_number TEXT NOT NULL, 
	lane VARCHAR(12) NOT NULL, 
	clue TEXT NOT NULL, 
	round_id VARCHAR(32) NOT NULL, 
	PRIMARY KEY (clue_id)
);
INSERT INTO "set_aside" VALUES('1clue_id','第1项 model','第1项 case_number','1lane','第1项 clue','1round_id');
INSERT INTO "set_aside" VALUES('2clue_id','第2项 model','第2项 case_number','2lane','第2项 clue','2round_id');
CREATE TABLE standing_orders (
	digest VARCHAR(64) NOT NULL, 
	order_id TEXT NOT NULL, 
	body TEXT NOT NULL, 
	requested_by TEXT NOT NULL, 
	requested_at VARCHAR(20) NOT NULL, 
	approved_by TEXT NOT NULL, 
	approved_at VARCHAR(20) NOT NULL, 
	ended_by TEXT NOT NULL, 
	ended_at VARCHAR(20) NOT NULL, 
	refusal TEXT NOT NULL, 
	looked_at VARCHAR(20) NOT NULL, 
	PRIMARY KEY (digest)
);
INSERT INTO "standing_orders" VALUES('1digest','第1项 order_id','第1项 body','第1项 requested_by','1requested_at','第1项 approved_by','1approved_at','第1项 ended_by','1ended_at','第1项 refusal','1looked_at');
INSERT INTO "standing_orders" VALUES('2digest','第2项 order_id','第2项 body','第2项 requested_by','2requested_at','第2项 approved_by','2approved_at','第2项 ended_by','2ended_at','第2项 refusal','2looked_at');
CREATE TABLE standing_runs (
	digest VARCHAR(64) NOT NULL, 
	due VARCHAR(20) NOT NULL, 
	round_id VARCHAR(32) NOT NULL, 
	started_at VARCHAR(20) NOT NULL, 
	PRIMARY KEY (digest, due)
);
INSERT INTO "standing_runs" VALUES('1digest','1due','1round_id','1started_at');
INSERT INTO "standing_runs" VALUES('2digest','2due','2round_id','2started_at');
CREATE TABLE standing_stages (
	digest VARCHAR(64) NOT NULL, 
	case_number TEXT NOT NULL, 
	stage TEXT NOT NULL, 
	PRIMARY KEY (digest, case_number, stage)
);
INSERT INTO "standing_stages" VALUES('1digest','第1项 case_number','第1项 stage');
INSERT INTO "standing_stages" VALUES('2digest','第2项 case_number','第2项 stage');
CREATE TABLE unmatched (
	case_number TEXT NOT NULL, 
	"row" TEXT NOT NULL, 
	source VARCHAR(16) NOT NULL, 
	person VARCHAR(16) NOT NULL, 
	round_id VARCHAR(32) NOT NULL, 
	harm INTEGER NOT NULL, 
	words INTEGER NOT NULL, 
	state VARCHAR(8) NOT NULL, 
	"by" TEXT NOT NULL, 
	at VARCHAR(20) NOT NULL, 
	note TEXT NOT NULL, 
	clue_id VARCHAR(16) NOT NULL, 
	PRIMARY KEY (case_number, "row")
);
INSERT INTO "unmatched" VALUES('第1项 case_number','第1项 row','1source','1person','1round_id',1,1,'1state','第1项 by','1at','第1项 note','1clue_id');
INSERT INTO "unmatched" VALUES('第2项 case_number','第2项 row','2source','2person','2round_id',2,2,'2state','第2项 by','2at','第2项 note','2clue_id');
CREATE INDEX ix_awards_clue_id ON awards (clue_id);
CREATE INDEX ix_award_approvals_award_id ON award_approvals (award_id);
CREATE INDEX ix_clue_steps_clue_id ON clue_steps (clue_id);
CREATE INDEX ix_clue_checks_clue_id ON clue_checks (clue_id);
COMMIT;
