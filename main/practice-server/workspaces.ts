/** A custom field as `GET /case-fields` lists it (server-apis.md, A8); reserved ones are the server's own columns. */
export type FieldDefinition = {
  id: string
  display_name: string
  type:
    | 'TEXT'
    | 'INTEGER'
    | 'NUMERIC'
    | 'BOOLEAN'
    | 'DATE'
    | 'TIMESTAMPTZ'
    | 'SELECT'
    | 'MULTI_SELECT'
    | 'JSONB'
    | 'UUID'
  description: string
  nullable: boolean
  default: string | null
  reserved: boolean
  options: readonly string[] | null
  kind: 'LONG_TEXT' | 'URL' | null
  required_on_closure: boolean
}

/** A workspace of the practice server and its custom fields. */
export type Workspace = { id: string; name: string; fields: readonly FieldDefinition[] }

function field(
  id: string,
  type: FieldDefinition['type'],
  display_name: string,
  description: string,
  more: Partial<FieldDefinition> = {},
): FieldDefinition {
  return {
    id,
    display_name,
    type,
    description,
    nullable: true,
    default: null,
    reserved: false,
    options: null,
    kind: null,
    required_on_closure: false,
    ...more,
  }
}

function reserved(id: string, type: 'UUID' | 'TIMESTAMPTZ'): FieldDefinition {
  return field(id, type, id, '', { nullable: false, reserved: true })
}

const reservedFields = [
  reserved('id', 'UUID'),
  reserved('case_id', 'UUID'),
  reserved('created_at', 'TIMESTAMPTZ'),
  reserved('updated_at', 'TIMESTAMPTZ'),
]

/** The two workspaces that every practice server has; the first holds a field of every type. */
export const practiceWorkspaces: readonly Workspace[] = [
  {
    id: '3f0c9a51-7d42-4e0e-9b63-5a1f2c8d7e10',
    name: 'Field investigations',
    fields: [
      ...reservedFields,
      field('site', 'TEXT', 'Site', 'Where it happened: building, room or coordinates'),
      field('scene_notes', 'TEXT', 'Scene notes', 'What was seen on arrival', { kind: 'LONG_TEXT' }),
      field('evidence_bag_count', 'INTEGER', 'Evidence bags', 'How many sealed bags leave the site'),
      field('estimated_loss', 'NUMERIC', 'Estimated loss', 'In the currency of the site'),
      field(
        'chain_of_custody_signed',
        'BOOLEAN',
        'Chain-of-custody form signed',
        'By everyone who handled evidence',
        { required_on_closure: true },
      ),
      field('return_visit_on', 'DATE', 'Return visit on', 'The day somebody goes back'),
      field('scene_secured_at', 'TIMESTAMPTZ', 'Scene secured at', 'When nobody could change anything more'),
      field('evidence_kind', 'SELECT', 'Main evidence', 'What matters most of what was taken', {
        options: ['Computer', 'Phone', 'Removable media', 'Network capture', 'Paper', 'Other'],
      }),
      field('attending_units', 'MULTI_SELECT', 'Attending units', 'Everyone who was on site', {
        options: ['Forensics', 'Police', 'Fire service', 'Site security', 'Legal'],
      }),
      field('instrument_readings', 'JSONB', 'Instrument readings', 'As the instruments export them'),
    ],
  },
  {
    id: '8b6e2d94-15c7-4f3a-a8d0-c94e7b1f6a25',
    name: 'Incident response',
    fields: [
      ...reservedFields,
      field('network_segment', 'TEXT', 'Network segment', 'Where the incident was noticed'),
      field('hosts_affected', 'INTEGER', 'Hosts affected', 'As far as known on site'),
      field('isolated', 'BOOLEAN', 'Isolated', 'Cut off from every network'),
      field('first_seen_at', 'TIMESTAMPTZ', 'First seen at', 'The earliest sign of it'),
      field('entry_point', 'SELECT', 'Entry point', 'How it came in', {
        options: ['Mail', 'Web', 'Removable media', 'Remote access', 'Insider', 'Unknown'],
      }),
      field('actions_taken', 'MULTI_SELECT', 'Actions taken', 'Before anybody else arrived', {
        options: ['Memory image', 'Disk image', 'Accounts disabled', 'Network unplugged', 'Nothing'],
      }),
      field('runbook', 'JSONB', 'Runbook', 'The one that was followed', { kind: 'URL' }),
    ],
  },
]
