import { z } from "zod";

// Imported before any schema is made: zod would try `new Function`, which the content security policy refuses.
z.config({ jitless: true });
