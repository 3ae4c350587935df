// Readers of the library: every change is audited, and where they live is encrypted.
import { audit, encrypted, model, softDelete, z } from 'goose-odm'

export class Reader extends model(
  'Reader',
  {
    name: z.string().min(1),
    city: encrypted(z.string()).optional(),
    fines: z.int().default(0),
  },
  { plugins: [audit(), softDelete()] },
) {}
