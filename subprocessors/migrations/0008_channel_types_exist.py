"""An entry names channel types that exist, and the key of a type that an entry names stays: published lists hold it for good."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION subprocessors_types_exist() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM unnest(NEW.channel_types) AS named (key)
               WHERE NOT EXISTS (SELECT FROM privacy_text_channeltype kind WHERE kind.key = named.key)) THEN
        RAISE EXCEPTION 'an entry names a channel type that does not exist' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER subprocessors_entry_types_exist BEFORE INSERT OR UPDATE OF channel_types ON subprocessors_subprocessor
    FOR EACH ROW EXECUTE FUNCTION subprocessors_types_exist();
ALTER TABLE subprocessors_subprocessor ENABLE ALWAYS TRIGGER subprocessors_entry_types_exist;

CREATE FUNCTION subprocessors_keep_named_type() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (TG_OP = 'DELETE' OR NEW.key <> OLD.key)
       AND EXISTS (SELECT FROM subprocessors_subprocessor entry WHERE entry.channel_types @> ARRAY[OLD.key]) THEN
        RAISE EXCEPTION 'a register names this channel type' USING ERRCODE = 'foreign_key_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER subprocessors_named_type_stays BEFORE UPDATE OF key OR DELETE ON privacy_text_channeltype
    FOR EACH ROW EXECUTE FUNCTION subprocessors_keep_named_type();
ALTER TABLE privacy_text_channeltype ENABLE ALWAYS TRIGGER subprocessors_named_type_stays;
"""
REMOVAL = """
DROP TRIGGER subprocessors_named_type_stays ON privacy_text_channeltype;
DROP FUNCTION subprocessors_keep_named_type();
DROP TRIGGER subprocessors_entry_types_exist ON subprocessors_subprocessor;
DROP FUNCTION subprocessors_types_exist();
"""


class Migration(migrations.Migration):
    dependencies = [("subprocessors", "0007_kinds_of_service"), ("customers", "0007_channel_types")]
    operations = [migrations.RunSQL(GUARDS, REMOVAL)]
