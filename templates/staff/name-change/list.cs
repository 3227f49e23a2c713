<?cs include:"macros.cs" ?><?cs include:"_papers.cs" ?><?cs set:Title = "姓名变更" ?><?cs def:content() ?><?cs call:error_summary() ?><div class="head"><h1>姓名变更</h1><?cs if:Propose ?><a class="button" href="/staff/name-change/new">受理姓名变更</a><?cs /if ?></div>
<p class="lead">窗口核对并扫描材料后提请，由审核人员决定。决定之后，该人员在各企业的每本有效或暂扣的证书生成新版，编号和有效期不变。</p>
<?cs call:papers_records("姓名变更的办理记录") ?>
<?cs /def ?><?cs include:"layout.cs" ?>
