// The templates of the stages in stages/, as the framework packages them. One file, because packaging takes seconds.
import './stack/every-stage.ts';
import './stack/roles.ts';
import './stack/raw-bucket.ts';
import './stack/existing-bucket.ts';
import './stack/lake-bucket.ts';
import './stack/snapshots.ts';
