<?cs include:"macros.cs" ?><?cs include:"_papers.cs" ?><?cs set:Title = "数据更正" ?><?cs def:content() ?><?cs call:error_summary() ?><div class="head"><h1>数据更正</h1><?cs if:Propose ?><a class="button" href="/staff/corrections/new">提请更正</a><?cs /if ?></div>
<p class="lead">登记有误的人员信息和证书信息，说明原因后提请，由另一名审核人员决定。证书上记载的内容更正之后生成新版电子证书。</p>
<?cs call:papers_records("数据更正的办理记录") ?>
<?cs /def ?><?cs include:"layout.cs" ?>
