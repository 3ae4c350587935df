// Documents of the office: deleted ones can come back, and who changed what can be looked up for ever.
import { audit, model, softDelete, timestamps, z } from 'goose-odm'

export class Document extends model(
  'Document',
  {
    title: z.string().min(1),
    kind: z.enum(['contract', 'invoice', 'note']),
    text: z.string(),
  },
  { plugins: [timestamps(), softDelete(), audit()] },
) {}
