interface Named {
  username: string;
  name: string;
}

/** How somebody is called: by their name where they gave one. */
export function personName({ username, name }: Named): string {
  return name.trim() === "" ? username : name;
}
