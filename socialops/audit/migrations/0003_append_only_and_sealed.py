"""Append-only by trigger, sealed at commit by a deferred trigger, so that the per-organization lock is held for the commit alone."""

from django.db import migrations

from socialops.tenancy.operations import RowLevelSecurity

FORWARDS = """
CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION audit_digest(previous text, e audit_event) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(
        previous, e.id, e.organization_id, extract(epoch FROM e.at)::text, e.actor_kind, e.actor_name, e.actor_id, e.action,
        e.target_kind, e.target_id, e.target_label, e.brand_id, e.changes, e.reason, e.request_id)::text, 'UTF8')), 'hex')
$$;

CREATE FUNCTION audit_seal_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept text := current_setting('socialops.organization_id', true);
    last audit_seal;
BEGIN
    PERFORM set_config('socialops.organization_id', NEW.organization_id::text, true);
    PERFORM pg_advisory_xact_lock(4201, NEW.organization_id::int);
    SELECT * INTO last FROM audit_seal WHERE organization_id = NEW.organization_id ORDER BY position DESC LIMIT 1;
    INSERT INTO audit_seal (event_id, organization_id, position, previous, hash)
    VALUES (NEW.id, NEW.organization_id, coalesce(last.position, 0) + 1, coalesce(last.hash, ''), audit_digest(coalesce(last.hash, ''), NEW));
    PERFORM set_config('socialops.organization_id', coalesce(kept, ''), true);
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER audit_event_seal AFTER INSERT ON audit_event DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_seal_event();
CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_seal_append_only BEFORE UPDATE OR DELETE ON audit_seal FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_seal_no_truncate BEFORE TRUNCATE ON audit_seal EXECUTE FUNCTION audit_refuse_change();
"""

BACKWARDS = """
DROP TRIGGER audit_event_seal ON audit_event;
DROP TRIGGER audit_event_append_only ON audit_event;
DROP TRIGGER audit_seal_append_only ON audit_seal;
DROP TRIGGER audit_event_no_truncate ON audit_event;
DROP TRIGGER audit_seal_no_truncate ON audit_seal;
DROP FUNCTION audit_seal_event();
DROP FUNCTION audit_digest(text, audit_event);
DROP FUNCTION audit_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_initial")]

    operations = [RowLevelSecurity("Event", "Seal"), migrations.RunSQL(FORWARDS, BACKWARDS)]
