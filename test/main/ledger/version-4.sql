BEGIN;
CREATE TABLE cases (
        id TEXT PRIMARY KEY,
        reference TEXT NOT NULL UNIQUE,
        destination_id TEXT NOT NULL,
        origin TEXT NOT NULL,
        account TEXT,
        severity_rank INTEGER NOT NULL,
        saved_at TEXT NOT NULL,
        changed_at TEXT NOT NULL,
        next_at TEXT,
        content_hash TEXT NOT NULL,
        state TEXT NOT NULL,
        delivery TEXT NOT NULL,
        custody_n INTEGER NOT NULL,
        custody_hash TEXT NOT NULL,
        seq INTEGER NOT NULL UNIQUE
      ) STRICT;
INSERT INTO cases VALUES('0198f6a0-0000-7000-8000-000000000001','SAT7F3K2M9QXA4B','hq','https://hq.example.org','ana@example.org',2,'2026-11-22T09:03:00.000Z','2026-11-22T10:03:00.000Z','2026-11-22T10:20:00.000Z','042facb6962d241bfedffb6dbf9ad397a0e56ff3d5711072f638708b98bd5003','in_doubt','{"version":3,"attempts":1,"serverErrors":0,"copies":[],"state":{"name":"in_doubt","cause":{"code":"connection_lost","detail":"ECONNRESET","fields":[]},"absences":0}}',3,'b847074f13bc44fc03b86c80ed630b0383232ddb25bf34e283d51de44b4327ea',7);
INSERT INTO cases VALUES('0198f6a0-0000-7000-8000-000000000002','SAT000000000000','hq','https://hq.example.org',NULL,0,'2026-11-22T10:05:00.000Z','2026-11-22T10:01:00.000Z',NULL,'f7326419cd6c63c1245be67d1b4292d555c41786e0b7a57e036c37b538813ad2','queued','{"version":1,"attempts":0,"serverErrors":0,"copies":[],"state":{"name":"queued","last":null}}',1,'211164930666bc408348112fb10e3c9f87a20ca3d992b8b8aa57303b4ffe2764',3);
CREATE TABLE contents (case_id TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT;
INSERT INTO contents VALUES('0198f6a0-0000-7000-8000-000000000001','{"id":"0198f6a0-0000-7000-8000-000000000001","reference":"SAT7F3K2M9QXA4B","destinationId":"hq","workspaceId":"6d1f0a52-3c0e-4a0b-9a57-2f6f0f6f9b11","summary":"Badge reader at dock 4 answers to cloned card","description":"Reader opened for a card written on site from badge 2211.","status":"new","priority":"medium","severity":"high","fields":{"cvss":9.1,"it''s":["a ''quoted'' text",null,true]},"caseName":null,"assignedTo":null,"author":"Ana Ruiz","device":"FIELD-07","observedAt":"2026-11-22T09:40:00+01:00","writtenAt":"2026-11-22T10:03:00+01:00","replaces":null}');
INSERT INTO contents VALUES('0198f6a0-0000-7000-8000-000000000002','{"id":"0198f6a0-0000-7000-8000-000000000002","reference":"SAT000000000000","destinationId":"hq","workspaceId":"6d1f0a52-3c0e-4a0b-9a57-2f6f0f6f9b11","summary":"Größe und \"Anführung\"","description":"Reader opened for a card written on site from badge 2211.","status":"new","priority":"medium","severity":"fatal","fields":null,"caseName":null,"assignedTo":null,"author":"Ana Ruiz","device":"FIELD-07","observedAt":null,"writtenAt":"2026-11-22T10:05:00.000Z","replaces":null}');
CREATE TABLE counts (
        destination_id TEXT NOT NULL,
        state TEXT NOT NULL,
        cases INTEGER NOT NULL,
        PRIMARY KEY (destination_id, state)
      ) STRICT, WITHOUT ROWID;
INSERT INTO counts VALUES('hq','in_doubt',1);
INSERT INTO counts VALUES('hq','queued',1);
INSERT INTO counts VALUES('hq','sending',0);
CREATE TABLE custody (
        case_id TEXT NOT NULL,
        n INTEGER NOT NULL,
        at TEXT NOT NULL,
        actor TEXT NOT NULL,
        event TEXT NOT NULL,
        previous TEXT NOT NULL,
        hash TEXT NOT NULL,
        PRIMARY KEY (case_id, n)
      ) STRICT, WITHOUT ROWID;
INSERT INTO custody VALUES('0198f6a0-0000-7000-8000-000000000001',1,'2026-11-22T10:00:00.000Z','person','{"kind":"saved","author":"Ana Ruiz","device":"FIELD-07","contentHash":"042facb6962d241bfedffb6dbf9ad397a0e56ff3d5711072f638708b98bd5003"}','','d05eb75ea37476d3cfb63b5ba86fee835f9c934395c577671e5997d106fc6958');
INSERT INTO custody VALUES('0198f6a0-0000-7000-8000-000000000001',2,'2026-11-22T10:02:00.000Z','satchel','{"kind":"attempt_started","attempt":1}','d05eb75ea37476d3cfb63b5ba86fee835f9c934395c577671e5997d106fc6958','31215f59fabe57924fb0facba61345853bcd111f7c21b2e1050bdaca136b84ae');
INSERT INTO custody VALUES('0198f6a0-0000-7000-8000-000000000001',3,'2026-11-22T10:03:00.000Z','satchel','{"kind":"outcome_unknown","attempt":1,"why":{"code":"connection_lost","detail":"ECONNRESET","fields":[]}}','31215f59fabe57924fb0facba61345853bcd111f7c21b2e1050bdaca136b84ae','b847074f13bc44fc03b86c80ed630b0383232ddb25bf34e283d51de44b4327ea');
INSERT INTO custody VALUES('0198f6a0-0000-7000-8000-000000000002',1,'2026-11-22T10:01:00.000Z','person','{"kind":"saved","author":"Ana Ruiz","device":"FIELD-07","contentHash":"f7326419cd6c63c1245be67d1b4292d555c41786e0b7a57e036c37b538813ad2"}','','211164930666bc408348112fb10e3c9f87a20ca3d992b8b8aa57303b4ffe2764');
CREATE TABLE drafts (
        id TEXT PRIMARY KEY,
        updated_at TEXT NOT NULL,
        draft TEXT,
        seq INTEGER NOT NULL UNIQUE
      ) STRICT;
INSERT INTO drafts VALUES('0198f6a0-0000-7000-8000-000000000002','2026-11-22T10:01:00.000Z',NULL,4);
INSERT INTO drafts VALUES('0198f6a0-0000-7000-8000-000000000003','2026-11-22T10:06:00.000Z','{"id":"0198f6a0-0000-7000-8000-000000000003","reference":"SATZZZZZZZZZZZZ","updatedAt":"2026-11-22T10:06:00.000Z","content":{"destinationId":"hq","workspaceId":"6d1f0a52-3c0e-4a0b-9a57-2f6f0f6f9b11","summary":"Unknown USB device in control room PC","description":"","status":"new","priority":"medium","severity":"medium","fieldInputs":{},"otherFields":"","caseName":"","assignedTo":"","observedAt":"","replaces":null}}',5);
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES('ledger_id','3f0a7c1e-6f0e-4d0b-8a55-0d6f3c2b1a01');
INSERT INTO meta VALUES('machine','field-07');
INSERT INTO meta VALUES('seq','7');
CREATE TABLE receipts (
        id TEXT PRIMARY KEY,
        reference TEXT NOT NULL UNIQUE,
        receipt TEXT NOT NULL,
        custody_n INTEGER NOT NULL,
        custody_hash TEXT NOT NULL,
        seq INTEGER NOT NULL UNIQUE
      ) STRICT;
INSERT INTO receipts VALUES('0198f6a0-0000-7000-8000-000000000004','SATDE1ETEDXXXXX','{"id":"0198f6a0-0000-7000-8000-000000000004","reference":"SATDE1ETEDXXXXX","destinationId":"hq","outcome":"complete","found":[{"caseId":"41","number":"CASE-0041"}],"writtenAt":"2026-11-20T10:03:00+01:00","savedAt":"2026-11-20T09:03:00.000Z","changedAt":"2026-11-20T09:04:00.000Z","deletedAt":"2026-11-22T10:05:00.000Z","deletedBy":"person","contentHash":"042facb6962d241bfedffb6dbf9ad397a0e56ff3d5711072f638708b98bd5003","custody":{"n":4,"hash":"d05eb75ea37476d3cfb63b5ba86fee835f9c934395c577671e5997d106fc6958"}}',0,'',6);
CREATE TABLE watches (
        case_id TEXT PRIMARY KEY,
        destination_id TEXT NOT NULL,
        begun_at TEXT NOT NULL,
        due_at TEXT NOT NULL,
        awaits_start INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
INSERT INTO watches VALUES('0198f6a0-0000-7000-8000-000000000001','hq','2026-11-22T10:03:00.000Z','2026-11-22T10:03:00.000Z',0);
CREATE INDEX cases_by_arrival ON cases (changed_at) WHERE state = 'complete';
CREATE INDEX cases_by_state ON cases (destination_id, state, id);
CREATE INDEX queued_by_urgency ON cases (destination_id, severity_rank, saved_at, id) WHERE state = 'queued';
CREATE INDEX watches_by_due ON watches (destination_id, due_at);
PRAGMA user_version = 4;
COMMIT;
