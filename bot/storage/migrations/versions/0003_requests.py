"""Verified requests

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'


def upgrade() -> None:
    op.create_table('erasures',
    sa.Column('request', sa.String(length=32), nullable=False),
    sa.Column('company', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('rule', sa.String(length=40), nullable=False),
    sa.Column('erased_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('request', name=op.f('pk_erasures'))
    )
    op.create_table('requests',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('reference', sa.String(length=16), nullable=True),
    sa.Column('company', sa.String(length=64), nullable=False),
    sa.Column('conversation', sa.String(length=32), nullable=False),
    sa.Column('ticket', sa.String(length=32), nullable=True),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('state', sa.String(length=24), nullable=False),
    sa.Column('needs', sa.JSON(), nullable=False),
    sa.Column('evidence', sa.JSON(), nullable=False),
    sa.Column('locale', sa.String(length=16), nullable=False),
    sa.Column('contact_hash', sa.LargeBinary(length=32), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('held_because', sa.LargeBinary(), nullable=True),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.ForeignKeyConstraint(['conversation'], ['conversations.id'], name=op.f('fk_requests_conversation_conversations')),
    sa.ForeignKeyConstraint(['ticket'], ['tickets.id'], name=op.f('fk_requests_ticket_tickets')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_requests')),
    sa.UniqueConstraint('reference', name=op.f('uq_requests_reference'))
    )
    with op.batch_alter_table('requests', schema=None) as batch_op:
        batch_op.create_index('ix_requests_company', ['company', 'state', 'changed_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_requests_contact_hash'), ['contact_hash'], unique=False)
        batch_op.create_index(batch_op.f('ix_requests_conversation'), ['conversation'], unique=False)
        batch_op.create_index(batch_op.f('ix_requests_ticket'), ['ticket'], unique=False)

    op.create_table('contact_codes',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('request', sa.String(length=32), nullable=False),
    sa.Column('purpose', sa.String(length=16), nullable=False),
    sa.Column('address_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('code_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('tries', sa.Integer(), server_default='0', nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['request'], ['requests.id'], name=op.f('fk_contact_codes_request_requests')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contact_codes'))
    )
    with op.batch_alter_table('contact_codes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contact_codes_address_hash'), ['address_hash'], unique=False)
        batch_op.create_index(batch_op.f('ix_contact_codes_request'), ['request'], unique=False)

    op.create_table('request_fields',
    sa.Column('request', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('sealed_value', sa.LargeBinary(), nullable=False),
    sa.Column('message', sa.String(length=32), nullable=True),
    sa.ForeignKeyConstraint(['request'], ['requests.id'], name=op.f('fk_request_fields_request_requests')),
    sa.PrimaryKeyConstraint('request', 'name', name=op.f('pk_request_fields'))
    )
    op.create_table('request_keys',
    sa.Column('request', sa.String(length=32), nullable=False),
    sa.Column('master', sa.Integer(), nullable=False),
    sa.Column('wrapped', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['request'], ['requests.id'], name=op.f('fk_request_keys_request_requests')),
    sa.PrimaryKeyConstraint('request', name=op.f('pk_request_keys'))
    )
    with op.batch_alter_table('request_keys', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_request_keys_master'), ['master'], unique=False)

    op.create_table('request_moves',
    sa.Column('request', sa.String(length=32), nullable=False),
    sa.Column('version', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('move', sa.String(length=24), nullable=False),
    sa.Column('source', sa.String(length=24), nullable=False),
    sa.Column('target', sa.String(length=24), nullable=False),
    sa.Column('mover', sa.String(length=8), nullable=False),
    sa.Column('person', sa.String(length=32), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['request'], ['requests.id'], name=op.f('fk_request_moves_request_requests')),
    sa.PrimaryKeyConstraint('request', 'version', name=op.f('pk_request_moves'))
    )


def downgrade() -> None:
    op.drop_table('request_moves')
    with op.batch_alter_table('request_keys', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_request_keys_master'))

    op.drop_table('request_keys')
    op.drop_table('request_fields')
    with op.batch_alter_table('contact_codes', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_contact_codes_request'))
        batch_op.drop_index(batch_op.f('ix_contact_codes_address_hash'))

    op.drop_table('contact_codes')
    with op.batch_alter_table('requests', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_requests_ticket'))
        batch_op.drop_index(batch_op.f('ix_requests_conversation'))
        batch_op.drop_index(batch_op.f('ix_requests_contact_hash'))
        batch_op.drop_index('ix_requests_company')

    op.drop_table('requests')
    op.drop_table('erasures')
