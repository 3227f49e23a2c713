<?cs include:"macros.cs" ?><?cs def:actions() ?><form action="/cancel/new" data-dialog><button class="button">证书注销</button></form><?cs /def ?><?cs
def:intro() ?><p class="lead">注销本企业人员的电子证书，须由本企业用法人一证通对注销申请表完成电子签名。</p>
<?cs /def ?><?cs
def:nothing() ?>还没有注销记录。点击“证书注销”，注销本企业人员的电子证书。<?cs /def ?><?cs include:"_records.cs" ?><?cs include:"layout.cs" ?>
