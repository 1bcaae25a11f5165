import { z } from 'zod'

// Loaded before any schema is made (begin.ts): what zod would compile for each takes longer at a start than it saves later.
z.config({ jitless: true })
