"""Staff, tickets that are worked, audit, mail

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _refuse_changes() -> None:
    """What stands in the audit log is neither changed nor taken out."""
    words = "the audit log is append-only"
    if _sqlite():
        for act in ("update", "delete"):
            op.execute(
                f"create trigger audit_entries_no_{act} before {act} on audit_entries "
                f"begin select raise(abort, '{words}'); end"
            )
        return
    op.execute(
        f"create function audit_entries_stay() returns trigger language plpgsql as $$ begin raise exception '{words}'; end $$"
    )
    op.execute(
        "create trigger audit_entries_stay before update or delete on audit_entries "
        "for each row execute function audit_entries_stay()"
    )


def upgrade() -> None:
    op.create_table('audit_entries',
    sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('at', sa.String(length=40), nullable=False),
    sa.Column('actor', sa.String(length=40), nullable=False),
    sa.Column('action', sa.String(length=40), nullable=False),
    sa.Column('company', sa.String(length=64), nullable=True),
    sa.Column('subject', sa.String(length=64), nullable=True),
    sa.Column('sealed_detail', sa.LargeBinary(), nullable=False),
    sa.Column('mac', sa.LargeBinary(length=32), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_audit_entries'))
    )
    with op.batch_alter_table('audit_entries', schema=None) as batch_op:
        batch_op.create_index('ix_audit_entries_action', ['action', 'number'], unique=False)
        batch_op.create_index('ix_audit_entries_actor', ['actor', 'number'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entries_at'), ['at'], unique=False)
        batch_op.create_index('ix_audit_entries_company', ['company', 'number'], unique=False)
        batch_op.create_index('ix_audit_entries_subject', ['subject', 'number'], unique=False)

    op.create_table('audit_head',
    sa.Column('id', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('mac', sa.LargeBinary(length=32), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_head'))
    )
    op.execute("insert into audit_head (id, number, mac) values (1, 0, " + ("x'%s'" if _sqlite() else "'\\x%s'") % ("00" * 32) + ")")
    _refuse_changes()
    op.create_table('canned_replies',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('company', sa.String(length=64), nullable=True),
    sa.Column('locale', sa.String(length=16), nullable=False),
    sa.Column('shortcut', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_canned_replies'))
    )
    with op.batch_alter_table('canned_replies', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_canned_replies_company'), ['company'], unique=False)

    op.create_table('clocks',
    sa.Column('company', sa.String(length=64), nullable=False),
    sa.Column('reason', sa.String(length=16), nullable=False),
    sa.Column('reply_minutes', sa.Integer(), nullable=True),
    sa.Column('resolve_minutes', sa.Integer(), nullable=True),
    sa.Column('warn_minutes', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('company', 'reason', name=op.f('pk_clocks'))
    )
    op.create_table('failed_sign_ins',
    sa.Column('key_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('paused_until', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('key_hash', name=op.f('pk_failed_sign_ins'))
    )
    with op.batch_alter_table('failed_sign_ins', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_failed_sign_ins_last_at'), ['last_at'], unique=False)

    op.create_table('outbox',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('cause', sa.String(length=100), nullable=False),
    sa.Column('sealed_mail', sa.LargeBinary(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tries', sa.Integer(), server_default='0', nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('trouble', sa.String(length=100), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('cause', name=op.f('uq_outbox_cause'))
    )
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_next_try', ['next_try_at'], unique=False, postgresql_where=sa.text('next_try_at IS NOT NULL'), sqlite_where=sa.text('next_try_at IS NOT NULL'))

    op.create_table('outcomes',
    sa.Column('message', sa.String(length=32), nullable=False),
    sa.Column('conversation', sa.String(length=32), nullable=False),
    sa.Column('company', sa.String(length=64), nullable=False),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('locale', sa.String(length=16), nullable=False),
    sa.Column('topic', sa.String(length=64), nullable=True),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('message', name=op.f('pk_outcomes'))
    )
    with op.batch_alter_table('outcomes', schema=None) as batch_op:
        batch_op.create_index('ix_outcomes_company_at', ['company', 'at', 'kind', 'topic', 'channel'], unique=False)
        batch_op.create_index(batch_op.f('ix_outcomes_conversation'), ['conversation'], unique=False)

    op.create_table('people',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('login_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('sealed_profile', sa.LargeBinary(), nullable=False),
    sa.Column('roles', sa.String(length=120), nullable=False),
    sa.Column('all_companies', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('locale', sa.String(length=16), server_default='en', nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=True),
    sa.Column('sealed_totp', sa.LargeBinary(), nullable=True),
    sa.Column('totp_step', sa.BigInteger(), nullable=True),
    sa.Column('oidc_subject_hash', sa.LargeBinary(length=32), nullable=True),
    sa.Column('absent_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_people')),
    sa.UniqueConstraint('login_hash', name=op.f('uq_people_login_hash')),
    sa.UniqueConstraint('oidc_subject_hash', name=op.f('uq_people_oidc_subject_hash'))
    )
    op.create_table('search_terms',
    sa.Column('term', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.PrimaryKeyConstraint('term', 'number', name=op.f('pk_search_terms')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('search_terms', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_search_terms_number'), ['number'], unique=False)

    op.create_table('search_tickets',
    sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('ticket', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_search_tickets')),
    sa.UniqueConstraint('ticket', name=op.f('uq_search_tickets_ticket'))
    )
    op.create_table('staffing',
    sa.Column('company', sa.String(length=64), nullable=False),
    sa.Column('plan', sa.JSON(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('company', name=op.f('pk_staffing'))
    )
    op.create_table('attachments',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('conversation', sa.String(length=32), nullable=False),
    sa.Column('message', sa.String(length=32), nullable=True),
    sa.Column('media_type', sa.String(length=64), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sealed_name', sa.LargeBinary(), nullable=False),
    sa.Column('sealed_content', sa.LargeBinary(), nullable=False),
    sa.Column('uploaded_by', sa.String(length=32), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation'], ['conversations.id'], name=op.f('fk_attachments_conversation_conversations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachments'))
    )
    with op.batch_alter_table('attachments', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_attachments_conversation'), ['conversation'], unique=False)

    op.create_table('case_links',
    sa.Column('token_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('conversation', sa.String(length=32), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['conversation'], ['conversations.id'], name=op.f('fk_case_links_conversation_conversations')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_case_links'))
    )
    with op.batch_alter_table('case_links', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_links_conversation'), ['conversation'], unique=False)

    op.create_table('conversation_keys',
    sa.Column('token_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('conversation', sa.String(length=32), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation'], ['conversations.id'], name=op.f('fk_conversation_keys_conversation_conversations')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_conversation_keys'))
    )
    with op.batch_alter_table('conversation_keys', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_conversation_keys_conversation'), ['conversation'], unique=False)

    op.create_table('invitations',
    sa.Column('token_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('purpose', sa.String(length=16), nullable=False),
    sa.Column('person', sa.String(length=32), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person'], ['people.id'], name=op.f('fk_invitations_person_people')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_invitations'))
    )
    op.create_table('people_companies',
    sa.Column('person', sa.String(length=32), nullable=False),
    sa.Column('company', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['person'], ['people.id'], name=op.f('fk_people_companies_person_people')),
    sa.PrimaryKeyConstraint('person', 'company', name=op.f('pk_people_companies'))
    )
    op.create_table('recovery_codes',
    sa.Column('code_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('person', sa.String(length=32), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person'], ['people.id'], name=op.f('fk_recovery_codes_person_people')),
    sa.PrimaryKeyConstraint('code_hash', name=op.f('pk_recovery_codes'))
    )
    with op.batch_alter_table('recovery_codes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_recovery_codes_person'), ['person'], unique=False)

    op.create_table('staff_sessions',
    sa.Column('token_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('person', sa.String(length=32), nullable=False),
    sa.Column('sealed_device', sa.LargeBinary(), nullable=False),
    sa.Column('verified', sa.Boolean(), nullable=False),
    sa.Column('strong', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person'], ['people.id'], name=op.f('fk_staff_sessions_person_people')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_staff_sessions')),
    sa.UniqueConstraint('id', name=op.f('uq_staff_sessions_id'))
    )
    with op.batch_alter_table('staff_sessions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_sessions_person'), ['person'], unique=False)

    op.create_table('drafts',
    sa.Column('ticket', sa.String(length=32), nullable=False),
    sa.Column('person', sa.String(length=32), nullable=False),
    sa.Column('sealed_body', sa.LargeBinary(), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['ticket'], ['tickets.id'], name=op.f('fk_drafts_ticket_tickets')),
    sa.PrimaryKeyConstraint('ticket', 'person', name=op.f('pk_drafts'))
    )
    op.create_table('notes',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('ticket', sa.String(length=32), nullable=False),
    sa.Column('person', sa.String(length=32), nullable=False),
    sa.Column('sealed_body', sa.LargeBinary(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['ticket'], ['tickets.id'], name=op.f('fk_notes_ticket_tickets')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notes'))
    )
    with op.batch_alter_table('notes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notes_ticket'), ['ticket'], unique=False)

    op.create_table('ticket_events',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('ticket', sa.String(length=32), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('person', sa.String(length=32), nullable=True),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('sealed_detail', sa.LargeBinary(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['ticket'], ['tickets.id'], name=op.f('fk_ticket_events_ticket_tickets')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_events'))
    )
    with op.batch_alter_table('ticket_events', schema=None) as batch_op:
        batch_op.create_index('ix_ticket_events_ticket', ['ticket', 'number'], unique=False)

    op.create_table('ticket_links',
    sa.Column('ticket', sa.String(length=32), nullable=False),
    sa.Column('other', sa.String(length=32), nullable=False),
    sa.ForeignKeyConstraint(['other'], ['tickets.id'], name=op.f('fk_ticket_links_other_tickets')),
    sa.ForeignKeyConstraint(['ticket'], ['tickets.id'], name=op.f('fk_ticket_links_ticket_tickets')),
    sa.PrimaryKeyConstraint('ticket', 'other', name=op.f('pk_ticket_links'))
    )
    with op.batch_alter_table('ticket_links', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ticket_links_other'), ['other'], unique=False)

    op.create_table('ticket_tags',
    sa.Column('ticket', sa.String(length=32), nullable=False),
    sa.Column('tag', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['ticket'], ['tickets.id'], name=op.f('fk_ticket_tags_ticket_tickets')),
    sa.PrimaryKeyConstraint('ticket', 'tag', name=op.f('pk_ticket_tags'))
    )
    with op.batch_alter_table('ticket_tags', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ticket_tags_tag'), ['tag'], unique=False)

    op.create_table('ticket_times',
    sa.Column('ticket', sa.String(length=32), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('company', sa.String(length=64), nullable=False),
    sa.Column('opened', sa.BigInteger(), nullable=False),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('topic', sa.String(length=64), nullable=True),
    sa.Column('reply_seconds', sa.Integer(), nullable=True),
    sa.Column('resolve_seconds', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['ticket'], ['tickets.id'], name=op.f('fk_ticket_times_ticket_tickets')),
    sa.PrimaryKeyConstraint('ticket', name=op.f('pk_ticket_times'))
    )
    with op.batch_alter_table('ticket_times', schema=None) as batch_op:
        batch_op.create_index('ix_ticket_times_figures', ['company', 'opened', 'channel', 'topic', 'reply_seconds', 'resolve_seconds'], unique=False)

    op.create_table('unsent_replies',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('ticket', sa.String(length=32), nullable=False),
    sa.Column('person', sa.String(length=32), nullable=False),
    sa.Column('sealed_body', sa.LargeBinary(), nullable=False),
    sa.Column('send_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['ticket'], ['tickets.id'], name=op.f('fk_unsent_replies_ticket_tickets')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unsent_replies'))
    )
    with op.batch_alter_table('unsent_replies', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_unsent_replies_send_at'), ['send_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_unsent_replies_ticket'), ['ticket'], unique=False)

    with op.batch_alter_table('conversations', schema=None) as batch_op:
        batch_op.add_column(sa.Column('returned', sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.add_column(sa.Column('author', sa.String(length=32), nullable=True))

    with op.batch_alter_table('tickets', schema=None) as batch_op:
        batch_op.add_column(sa.Column('topic', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('priority', sa.SmallInteger(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('assignee', sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column('sealed_subject', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('sealed_contact', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('person_hash', sa.LargeBinary(length=32), nullable=True))
        batch_op.add_column(sa.Column('updated_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('called_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('replied_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('clock_from', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('paused_seconds', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('alarm_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('reply_due_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('resolve_due_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('due_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('due_set', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('paused_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('warned_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('escalated_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('merged_into', sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column('rating', sa.SmallInteger(), nullable=True))
        batch_op.add_column(sa.Column('seen_sequence', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('version', sa.Integer(), server_default='1', nullable=False))
        batch_op.drop_index(batch_op.f('ix_tickets_company'))
        batch_op.create_index('ix_tickets_alarm', ['alarm_at'], unique=False, postgresql_where=sa.text('alarm_at IS NOT NULL'), sqlite_where=sa.text('alarm_at IS NOT NULL'))
        batch_op.create_index('ix_tickets_merged', ['merged_into'], unique=False, postgresql_where=sa.text('merged_into IS NOT NULL'), sqlite_where=sa.text('merged_into IS NOT NULL'))
        batch_op.create_index('ix_tickets_assignee', ['assignee', 'status'], unique=False)
        batch_op.create_index('ix_tickets_called', ['called_at'], unique=False, postgresql_where=sa.text('called_at IS NOT NULL'), sqlite_where=sa.text('called_at IS NOT NULL'))
        batch_op.create_index('ix_tickets_closed', ['company', 'closed_at'], unique=False)
        batch_op.create_index('ix_tickets_opened', ['company', 'opened_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_tickets_person_hash'), ['person_hash'], unique=False)
        batch_op.create_index('ix_tickets_counts', ['company', 'status', 'assignee', 'due_at'], unique=False, postgresql_where=sa.text("status <> 'closed'"), sqlite_where=sa.text("status <> 'closed'"))
        batch_op.create_index('ix_tickets_due', ['company', 'due_at', 'id', 'status', 'assignee', 'channel', 'reason', 'language', 'topic', 'priority'], unique=False, postgresql_where=sa.text("status <> 'closed'"), sqlite_where=sa.text("status <> 'closed'"))
        batch_op.create_index('ix_tickets_newest', ['company', 'updated_at', 'id', 'status', 'assignee', 'channel', 'reason', 'language', 'topic', 'priority', 'due_at'], unique=False, postgresql_where=sa.text("status <> 'closed'"), sqlite_where=sa.text("status <> 'closed'"))
        batch_op.create_index('ix_tickets_priority', ['company', 'priority', 'opened_at', 'id', 'status', 'assignee', 'channel', 'reason', 'language', 'topic', 'due_at'], unique=False, postgresql_where=sa.text("status <> 'closed'"), sqlite_where=sa.text("status <> 'closed'"))
        batch_op.create_index('ix_tickets_done', ['company', 'updated_at', 'id', 'status', 'assignee', 'channel', 'reason', 'language', 'topic', 'priority', 'due_at'], unique=False, postgresql_where=sa.text("status = 'closed'"), sqlite_where=sa.text("status = 'closed'"))
        batch_op.create_foreign_key(batch_op.f('fk_tickets_merged_into_tickets'), 'tickets', ['merged_into'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_tickets_assignee_people'), 'people', ['assignee'], ['id'])

    op.execute("update tickets set updated_at = opened_at, clock_from = opened_at, priority = case urgency when 'urgent' then 3 else 1 end")
    with op.batch_alter_table('tickets', schema=None) as batch_op:
        batch_op.alter_column('updated_at', existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.drop_column('urgency')



def downgrade() -> None:
    if not _sqlite():
        op.execute("drop trigger audit_entries_stay on audit_entries")
        op.execute("drop function audit_entries_stay")
    with op.batch_alter_table('tickets', schema=None) as batch_op:
        batch_op.add_column(sa.Column('urgency', sa.String(length=8), server_default='normal', nullable=False))
    op.execute("update tickets set urgency = 'urgent' where priority = 3")
    op.execute("update tickets set status = 'open' where status = 'waiting'")
    with op.batch_alter_table('tickets', schema=None) as batch_op:
        batch_op.alter_column('urgency', existing_type=sa.String(length=8), server_default=None)
        batch_op.drop_constraint(batch_op.f('fk_tickets_assignee_people'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_tickets_merged_into_tickets'), type_='foreignkey')
        batch_op.drop_index('ix_tickets_done', postgresql_where=sa.text("status = 'closed'"), sqlite_where=sa.text("status = 'closed'"))
        batch_op.drop_index('ix_tickets_priority', postgresql_where=sa.text("status <> 'closed'"), sqlite_where=sa.text("status <> 'closed'"))
        batch_op.drop_index('ix_tickets_newest', postgresql_where=sa.text("status <> 'closed'"), sqlite_where=sa.text("status <> 'closed'"))
        batch_op.drop_index('ix_tickets_due', postgresql_where=sa.text("status <> 'closed'"), sqlite_where=sa.text("status <> 'closed'"))
        batch_op.drop_index('ix_tickets_counts', postgresql_where=sa.text("status <> 'closed'"), sqlite_where=sa.text("status <> 'closed'"))
        batch_op.drop_index(batch_op.f('ix_tickets_person_hash'))
        batch_op.drop_index('ix_tickets_opened')
        batch_op.drop_index('ix_tickets_closed')
        batch_op.drop_index('ix_tickets_called', postgresql_where=sa.text('called_at IS NOT NULL'), sqlite_where=sa.text('called_at IS NOT NULL'))
        batch_op.drop_index('ix_tickets_assignee')
        batch_op.drop_index('ix_tickets_merged', postgresql_where=sa.text('merged_into IS NOT NULL'), sqlite_where=sa.text('merged_into IS NOT NULL'))
        batch_op.drop_index('ix_tickets_alarm', postgresql_where=sa.text('alarm_at IS NOT NULL'), sqlite_where=sa.text('alarm_at IS NOT NULL'))
        batch_op.create_index(batch_op.f('ix_tickets_company'), ['company'], unique=False)
        batch_op.drop_column('version')
        batch_op.drop_column('seen_sequence')
        batch_op.drop_column('rating')
        batch_op.drop_column('merged_into')
        batch_op.drop_column('escalated_at')
        batch_op.drop_column('warned_at')
        batch_op.drop_column('paused_at')
        batch_op.drop_column('due_set')
        batch_op.drop_column('due_at')
        batch_op.drop_column('resolve_due_at')
        batch_op.drop_column('reply_due_at')
        batch_op.drop_column('alarm_at')
        batch_op.drop_column('paused_seconds')
        batch_op.drop_column('clock_from')
        batch_op.drop_column('closed_at')
        batch_op.drop_column('replied_at')
        batch_op.drop_column('called_at')
        batch_op.drop_column('updated_at')
        batch_op.drop_column('person_hash')
        batch_op.drop_column('sealed_contact')
        batch_op.drop_column('sealed_subject')
        batch_op.drop_column('assignee')
        batch_op.drop_column('priority')
        batch_op.drop_column('topic')

    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.drop_column('author')

    with op.batch_alter_table('conversations', schema=None) as batch_op:
        batch_op.drop_column('returned')

    with op.batch_alter_table('unsent_replies', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_unsent_replies_ticket'))
        batch_op.drop_index(batch_op.f('ix_unsent_replies_send_at'))

    op.drop_table('unsent_replies')
    with op.batch_alter_table('ticket_tags', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ticket_tags_tag'))

    op.drop_table('ticket_tags')
    with op.batch_alter_table('ticket_times', schema=None) as batch_op:
        batch_op.drop_index('ix_ticket_times_figures')

    op.drop_table('ticket_times')
    with op.batch_alter_table('ticket_links', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ticket_links_other'))

    op.drop_table('ticket_links')
    with op.batch_alter_table('ticket_events', schema=None) as batch_op:
        batch_op.drop_index('ix_ticket_events_ticket')

    op.drop_table('ticket_events')
    with op.batch_alter_table('notes', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_notes_ticket'))

    op.drop_table('notes')
    op.drop_table('drafts')
    with op.batch_alter_table('staff_sessions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_staff_sessions_person'))

    op.drop_table('staff_sessions')
    with op.batch_alter_table('recovery_codes', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_recovery_codes_person'))

    op.drop_table('recovery_codes')
    op.drop_table('people_companies')
    op.drop_table('invitations')
    with op.batch_alter_table('conversation_keys', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_conversation_keys_conversation'))

    op.drop_table('conversation_keys')
    with op.batch_alter_table('case_links', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_case_links_conversation'))

    op.drop_table('case_links')
    with op.batch_alter_table('attachments', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_attachments_conversation'))

    op.drop_table('attachments')
    op.drop_table('staffing')
    op.drop_table('search_tickets')
    with op.batch_alter_table('search_terms', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_search_terms_number'))

    op.drop_table('search_terms')
    op.drop_table('people')
    with op.batch_alter_table('outcomes', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_outcomes_conversation'))
        batch_op.drop_index('ix_outcomes_company_at')

    op.drop_table('outcomes')
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.drop_index('ix_outbox_next_try', postgresql_where=sa.text('next_try_at IS NOT NULL'), sqlite_where=sa.text('next_try_at IS NOT NULL'))

    op.drop_table('outbox')
    with op.batch_alter_table('failed_sign_ins', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_failed_sign_ins_last_at'))

    op.drop_table('failed_sign_ins')
    op.drop_table('clocks')
    with op.batch_alter_table('canned_replies', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_canned_replies_company'))

    op.drop_table('canned_replies')
    op.drop_table('audit_head')
    with op.batch_alter_table('audit_entries', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_entries_subject')
        batch_op.drop_index('ix_audit_entries_company')
        batch_op.drop_index('ix_audit_entries_at')
        batch_op.drop_index('ix_audit_entries_actor')
        batch_op.drop_index('ix_audit_entries_action')

    op.drop_table('audit_entries')
