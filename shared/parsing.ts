import { z } from 'zod'

// Imported before any schema is made. What zod would compile for each takes longer at a start than it gains in a day here, and asks for
// `new Function`, which the page may not use anyway.
z.config({ jitless: true })
