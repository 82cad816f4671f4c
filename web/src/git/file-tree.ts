/** Files by folder, for the list beside a diff. Folders that hold one folder and nothing else are one line with it. */

export interface FileLeaf<File> {
  readonly kind: "file";
  readonly name: string;
  readonly file: File;
}
export interface FolderNode<File> {
  readonly kind: "folder";
  /** `src/chats`: as many names as hold nothing but each other. */
  readonly name: string;
  readonly path: string;
  readonly children: readonly TreeNode<File>[];
}
export type TreeNode<File> = FileLeaf<File> | FolderNode<File>;

interface OpenFolder<File> {
  folders: Map<string, OpenFolder<File>>;
  files: { name: string; file: File }[];
}

export function fileTree<File extends { readonly path: string }>(files: readonly File[]): TreeNode<File>[] {
  const root: OpenFolder<File> = { folders: new Map(), files: [] };
  for (const file of files) {
    const names = file.path.split("/");
    const name = names.pop() ?? "";
    let folder = root;
    for (const each of names) {
      const next: OpenFolder<File> = folder.folders.get(each) ?? { folders: new Map(), files: [] };
      folder.folders.set(each, next);
      folder = next;
    }
    folder.files.push({ name, file });
  }
  return nodesOf(root, "");
}

function nodesOf<File>(folder: OpenFolder<File>, above: string): TreeNode<File>[] {
  const folders = [...folder.folders].map(([name, inner]) => collapsed(name, inner, above + name));
  const files = folder.files.map(({ name, file }): FileLeaf<File> => ({ kind: "file", name, file }));
  return [...folders.sort(byName), ...files.sort(byName)];
}

function collapsed<File>(name: string, folder: OpenFolder<File>, path: string): FolderNode<File> {
  const [only, ...others] = folder.folders;
  if (only !== undefined && others.length === 0 && folder.files.length === 0) {
    return collapsed(`${name}/${only[0]}`, only[1], `${path}/${only[0]}`);
  }
  return { kind: "folder", name, path, children: nodesOf(folder, `${path}/`) };
}

const order = new Intl.Collator("en", { numeric: true });
const byName = (a: { name: string }, b: { name: string }): number => order.compare(a.name, b.name);

/** The order in which the tree shows its files. */
export function filesInOrder<File>(nodes: readonly TreeNode<File>[]): File[] {
  return nodes.flatMap((node) => (node.kind === "file" ? [node.file] : filesInOrder(node.children)));
}
