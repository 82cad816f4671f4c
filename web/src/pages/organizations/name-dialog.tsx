import type { ReactNode } from "react";
import type { z } from "zod";
import { useForm } from "../../api/form.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Field, Input } from "../../ui/field.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";

interface Names {
  name: string;
  display_name: string;
}

interface NameDialogProps<Output> {
  title: string;
  description?: ReactNode;
  /** The verb on the button. */
  action: string;
  initial: Names;
  nameHint: string;
  parse: (names: Names) => z.ZodSafeParseResult<Output>;
  /** Ends with the dialog closed. */
  submit: (output: Output) => Promise<void>;
  onClose: () => void;
}

/** The two names of an organisation or a group: one for people, one for addresses and programs. */
export function NameDialog<Output>(props: NameDialogProps<Output>): ReactNode {
  const { title, description, action, initial, nameHint, parse, submit, onClose } = props;
  const form = useForm({
    initial,
    parse,
    async submit(output) {
      await submit(output);
      onClose();
    },
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={title} description={description}>
      <form {...form.props} className="flex flex-col gap-4">
        <Field label="Name" hint={nameHint} error={form.errors.name}>
          {(control) => (
            <Input
              {...control}
              autoFocus
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              value={form.values.name}
              onChange={(event) => form.set("name", event.target.value)}
            />
          )}
        </Field>
        <Field label="Display name" optional hint="As people read it." error={form.errors.display_name}>
          {(control) => (
            <Input
              {...control}
              autoComplete="off"
              maxLength={64}
              value={form.values.display_name}
              onChange={(event) => form.set("display_name", event.target.value)}
            />
          )}
        </Field>
        <FormFailure failure={form.failure} />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            {action}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
